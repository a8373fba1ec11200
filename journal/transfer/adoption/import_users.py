"""Bringing people over: their names made distinct, their password hashes as they are."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from journal.accounts import passwords
from journal.accounts.lookalikes import skeleton
from journal.accounts.models import User
from journal.accounts.names import fold
from journal.accounts.users import new_stamp
from journal.database import Connection, Unavailable, committed, rows
from journal.transfer.adoption import source_users
from journal.transfer.adoption.options import AdoptOptions
from journal.transfer.adoption.report import Report
from journal.transfer.adoption.source_users import SourceUser
from journal.transfer.adoption.usernames import Holder, Usernames
from journal.transfer.legacy.known_schemas import Found
from journal.transfer.legacy.source_database import Legacy

SIZE = 500
UNNAMED = "People without a name there"
RENAMED = (
    "People who are called differently here, because their name was somebody else's already, or too long"
)
BUT_FOR_CASE = "People whose name is another's but for its case, and who sign in with its exact spelling"
NO_EMAIL = "People without an e-mail address"
EMAIL_TAKEN = "People whose e-mail address is another account's already, and who sign in by name"
CANNOT_SIGN_IN = (
    "People who need a new password (`journal user password NAME`), for theirs can't be verified here"
)
UNSTORABLE = "People who can't be stored, and stay there"
DEPARTED = "People whose account was deleted here, and stays deleted"
DISABLED = "People who are disabled there, and here as well"

Owners = dict[str, int | None]  # what entries call them there: the account here, or None if it only would be


@dataclass
class Plan:
    person: SourceUser
    account: Any = None  # the row that is here already
    values: dict[str, Any] = field(default_factory=dict)  # all of a new account, or what changes of this one
    notes: list[tuple[str, str]] = field(default_factory=list)


class UserImport:
    def __init__(self, terms: AdoptOptions, report: Report) -> None:
        self.terms, self.report = terms, report
        self.keys: dict[str, str] = {}  # what entries call a person: their source id

    async def bring(self, old: Legacy, found: Found) -> Owners:
        await self._look_around()
        async for batch in old.batches(found, SIZE):
            arriving = [person for row in batch if (person := self._read(row))]
            await self._take(arriving)
        ids = {
            row["source_id"]: row["id"] for row in await self._accounts("WHERE source = ?", self.terms.source)
        }
        return {key: ids.get(source_id) for key, source_id in self.keys.items()}

    async def _accounts(self, where: str = "", *values: Any) -> Sequence[Any]:
        columns = "id, username, username_key, email, email_key, password_hash, signed_in_at, is_admin"
        return await rows(f"SELECT {columns}, source, source_id FROM users {where}", *values)

    async def _look_around(self) -> None:
        self.directory = Usernames()
        self.here: dict[str, Any] = {}
        accounts = await self._accounts()
        gone = await rows(
            "SELECT source_id FROM departures WHERE kind = 'person' AND source = ?", self.terms.source
        )
        self.departed = {row["source_id"] for row in gone}
        for account in accounts:
            self.directory.add((account["source"] or "", account["source_id"] or str(account["id"])), account)
            if account["source"] == self.terms.source:
                self.here[account["source_id"]] = account
        # Whoever comes first to a new site is its administrator; but for those who can't sign in.
        self.first = len(self.here) == len(accounts) and not any(account["is_admin"] for account in accounts)

    def _read(self, row: dict[str, Any]) -> SourceUser | None:
        person = source_users.read(row, self.terms.zone, self.terms.now)
        if person is None:
            self.report.miss("People without an id, who stay there", str(row.get("name")))
        elif person.source_id in self.departed:
            self.report.note(DEPARTED, person.name or person.source_id)
            return None
        return person

    async def _take(self, arriving: Sequence[SourceUser]) -> None:
        try:
            await self._store([self._plan(person) for person in arriving])
        except Unavailable:
            raise
        except Exception:
            # One of them can't be stored, or somebody has just taken a name: each for themselves.
            await self._look_around()
            for person in arriving:
                await self._take_one(person)

    async def _take_one(self, person: SourceUser) -> None:
        try:
            await self._store([self._plan(person)])
        except Unavailable:
            raise
        except Exception as error:
            self.report.miss(UNSTORABLE, f"{person.name or person.source_id}: {type(error).__name__}")
            await self._look_around()  # what was planned for them is free again

    def _plan(self, person: SourceUser) -> Plan:
        plan = Plan(person, self.here.get(person.source_id))
        if plan.account is None:
            self._plan_new(plan)
        elif plan.account["signed_in_at"] is None:
            self._plan_changes(plan)
        return plan

    def _plan_new(self, plan: Plan) -> None:
        person, holder = plan.person, self._holder(plan.person)
        name = self.directory.name(person.called, holder)
        email = person.email if person.email and self.directory.email_is_free(person.email, holder) else None
        plan.values = {
            "username": name.username,
            "username_key": name.key,
            "username_skeleton": skeleton(name.username),
            "email": email,
            "email_key": fold(email) if email else None,
            "password_hash": person.password_hash,
            "hash_cost": passwords.cost(person.password_hash),
            "session_stamp": new_stamp(),
            "zone": self.terms.zone.key,
            "is_admin": self.first and person.is_active,
            "is_active": person.is_active,
            "created_at": person.created_at,
            "source": self.terms.source,
            "source_id": person.source_id,
        }
        self.first = self.first and not person.is_active
        self.directory.add(holder, plan.values)
        plan.notes = list(_notes(person, plan.values))

    def _plan_changes(self, plan: Plan) -> None:
        """Somebody who has never signed in here is as they are there."""
        person, account, holder = plan.person, plan.account, self._holder(plan.person)
        name = self.directory.name(person.called, holder, account["username"])
        if name.username != account["username"]:
            plan.values |= {"username": name.username, "username_key": name.key}
            plan.values["username_skeleton"] = skeleton(name.username)
        if (
            person.email
            and person.email != account["email"]
            and self.directory.email_is_free(person.email, holder)
        ):
            plan.values |= {"email": person.email, "email_key": fold(person.email)}
        if person.password_hash != account["password_hash"] and not _set_by_host(person, account):
            plan.values |= {"password_hash": person.password_hash, "session_stamp": new_stamp()}
            plan.values["hash_cost"] = passwords.cost(person.password_hash)
        self.directory.remove(account)
        self.directory.add(holder, dict(account) | plan.values)
        plan.notes = list(_notes(person, dict(account) | plan.values))

    def _holder(self, person: SourceUser) -> Holder:
        return self.terms.source, person.source_id

    async def _store(self, plans: Sequence[Plan]) -> None:
        if not self.terms.dry_run:
            await committed(lambda db: _write(db, plans))
        for plan in plans:
            self._done(plan)

    def _done(self, plan: Plan) -> None:
        self.keys[plan.person.key] = plan.person.source_id
        counts = self.report.people
        if plan.account is None:
            counts.came += 1
        elif plan.values:
            counts.updated += 1
        else:
            counts.same += 1
        for what, name in plan.notes:
            self.report.note(what, name)


async def _write(db: Connection, plans: Sequence[Plan]) -> None:
    await User.bulk_create([User(**plan.values) for plan in plans if plan.account is None], using_db=db)
    for plan in plans:
        if plan.account is not None and plan.values:
            # Not if they have signed in for the first time just now.
            mine = User.filter(id=plan.account["id"], signed_in_at__isnull=True)
            await mine.using_db(db).update(**plan.values)


def _set_by_host(person: SourceUser, account: Any) -> bool:
    """Whether the password here was given to them here, by the host, and did not come from there."""
    return str(account["password_hash"]).startswith("$argon2") and not str(person.password_hash).startswith(
        "$argon2"
    )


def _notes(person: SourceUser, account: Any) -> Any:
    name = account["username"]
    if not person.name:
        yield UNNAMED, f"{person.source_id} is {name} here"
    elif name != person.name:
        yield RENAMED, f"{person.name} is {name} here"
    if account["username_key"] != fold(name):
        yield BUT_FOR_CASE, name
    if not person.email:
        yield NO_EMAIL, name
    elif person.email != account["email"]:
        yield EMAIL_TAKEN, name
    if not person.is_verifiable:
        yield CANNOT_SIGN_IN, name
    if not person.is_active:
        yield DISABLED, name
