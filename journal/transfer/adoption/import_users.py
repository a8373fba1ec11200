"""Import of people: makes their names unique here and keeps their password hashes as they are."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from journal.accounts import passwords
from journal.accounts.lookalikes import skeleton
from journal.accounts.models import User
from journal.accounts.names import fold
from journal.accounts.users import new_stamp
from journal.database import Connection, Unavailable, committed, rows
from journal.engines.row import Row
from journal.transfer.adoption import sign_in, source_users
from journal.transfer.adoption.options import AdoptOptions
from journal.transfer.adoption.source_users import SourceUser
from journal.transfer.adoption.usernames import Holder, Usernames
from journal.transfer.legacy.known_schemas import SourceRow, TableMapping
from journal.transfer.legacy.source_database import SourceDatabase
from journal.transfer.report import Report

SIZE = 500
UNNAMED = "People without a name there"
RENAMED = (
    "People who are called differently here, because their name was somebody else's already, or too long"
)
BUT_FOR_CASE = "People whose name is another's but for its case, and who sign in with its exact spelling"
NO_EMAIL = "People without an e-mail address"
EMAIL_TAKEN = "People whose e-mail address is another account's already, and who sign in by name"
UNSTORABLE = "People who can't be stored, and stay there"
DEPARTED = "People whose account was deleted here, and stays deleted"
DISABLED = "People who are disabled there, and here as well"

Owners = dict[str, int | None]  # from the key that entries there refer to, to the account; None in a dry run


@dataclass
class PlannedUser:
    """A person of the source and what the import writes for them."""

    person: SourceUser
    account: Row | None = None  # that was imported before
    values: dict[str, Any] = field(default_factory=dict)  # all columns of a new account, or the changed ones
    notes: list[tuple[str, str]] = field(default_factory=list)


class UserImport:
    def __init__(self, options: AdoptOptions, report: Report) -> None:
        self.options, self.report = options, report
        self.keys: dict[str, str] = {}  # source ids by the key that entries there refer to

    async def run(self, old: SourceDatabase, mapping: TableMapping) -> Owners:
        await self._load_accounts()
        async for batch in old.batches(mapping, SIZE):
            people = [person for row in batch if (person := self._read(row))]
            await self._import_batch(people)
        ids = {
            row["source_id"]: row["id"]
            for row in await self._accounts("WHERE source = ?", self.options.source)
        }
        return {key: ids.get(source_id) for key, source_id in self.keys.items()}

    async def _accounts(self, where: str = "", *values: object) -> Sequence[Row]:
        columns = "id, username, username_key, email, email_key, password_hash, hash_cost, signed_in_at"
        return await rows(f"SELECT {columns}, is_admin, source, source_id FROM users {where}", *values)

    async def _load_accounts(self) -> None:
        self.usernames = Usernames()
        self.imported: dict[str, Row] = {}
        accounts = await self._accounts()
        gone = await rows(
            "SELECT source_id FROM departures WHERE kind = 'person' AND source = ?", self.options.source
        )
        self.departed = {row["source_id"] for row in gone}
        for account in accounts:
            self.usernames.add((account["source"] or "", account["source_id"] or str(account["id"])), account)
            if account["source"] == self.options.source:
                self.imported[account["source_id"]] = account
        # The first active person on a new site becomes its administrator.
        self.first = len(self.imported) == len(accounts) and not any(
            account["is_admin"] for account in accounts
        )

    def _read(self, row: SourceRow) -> SourceUser | None:
        person = source_users.read(row, self.options.zone, self.options.now)
        if person is None:
            self.report.miss("People without an id, who stay there", str(row.get("name")))
        elif person.source_id in self.departed:
            self.report.note(DEPARTED, person.name or person.source_id)
            return None
        return person

    async def _import_batch(self, people: Sequence[SourceUser]) -> None:
        try:
            await self._store([self._plan(person) for person in people])
        except Unavailable:
            raise
        except Exception:
            # One of them can't be stored, or a sign-up took a name, so each gets a transaction of its own.
            await self._load_accounts()
            for person in people:
                await self._import_one(person)

    async def _import_one(self, person: SourceUser) -> None:
        try:
            await self._store([self._plan(person)])
        except Unavailable:
            raise
        except Exception as error:
            self.report.miss(UNSTORABLE, f"{person.name or person.source_id}: {type(error).__name__}")
            await self._load_accounts()  # so that the name planned for them is free again

    def _plan(self, person: SourceUser) -> PlannedUser:
        plan = PlannedUser(person, self.imported.get(person.source_id))
        if plan.account is None:
            self._plan_new(plan)
        elif plan.account["signed_in_at"] is None:
            self._plan_changes(plan, plan.account)
        return plan

    def _plan_new(self, plan: PlannedUser) -> None:
        person, holder = plan.person, self._holder(plan.person)
        name = self.usernames.name(person.called, holder)
        email = person.email if person.email and self.usernames.email_is_free(person.email, holder) else None
        plan.values = {
            "username": name.username,
            "username_key": name.key,
            "username_skeleton": skeleton(name.username),
            "email": email,
            "email_key": fold(email) if email else None,
            "password_hash": person.password_hash,
            "hash_cost": self._hash_cost(person),
            "session_stamp": new_stamp(),
            "zone": self.options.people_in.key,
            "is_admin": self.first and person.is_active,
            "is_active": person.is_active,
            "created_at": person.created_at,
            "source": self.options.source,
            "source_id": person.source_id,
        }
        self.first = self.first and not person.is_active
        self.usernames.add(holder, plan.values)
        plan.notes = list(_notes(person, plan.values, self.options.lacks_salt))

    def _plan_changes(self, plan: PlannedUser, account: Row) -> None:
        """Copies changes from the source as long as the person has never signed in here."""
        person, holder = plan.person, self._holder(plan.person)
        name = self.usernames.name(person.called, holder, account["username"])
        if name.username != account["username"]:
            plan.values |= {"username": name.username, "username_key": name.key}
            plan.values["username_skeleton"] = skeleton(name.username)
        if (
            person.email
            and person.email != account["email"]
            and self.usernames.email_is_free(person.email, holder)
        ):
            plan.values |= {"email": person.email, "email_key": fold(person.email)}
        if not _set_by_host(person, account):
            plan.values |= self._changed_password(person, account)
        self.usernames.remove(account)
        changed = {name: account[name] for name in account.keys()} | plan.values  # noqa: SIM118 - a row is no dict
        self.usernames.add(holder, changed)
        plan.notes = list(_notes(person, changed, self.options.lacks_salt))

    def _changed_password(self, person: SourceUser, account: Row) -> dict[str, Any]:
        if person.password_hash != account["password_hash"]:
            values = {"password_hash": person.password_hash, "session_stamp": new_stamp()}
            return {**values, "hash_cost": self._hash_cost(person)}
        cost = self._hash_cost(person)  # which another salt changes
        return {"hash_cost": cost} if cost != account["hash_cost"] else {}

    def _hash_cost(self, person: SourceUser) -> int:
        return sign_in.hash_cost(person.password_hash, self.options.lacks_salt)

    def _holder(self, person: SourceUser) -> Holder:
        return self.options.source, person.source_id

    async def _store(self, plans: Sequence[PlannedUser]) -> None:
        if not self.options.dry_run:
            await committed(lambda db: _write(db, plans))
        for plan in plans:
            self._count(plan)

    def _count(self, plan: PlannedUser) -> None:
        self.keys[plan.person.key] = plan.person.source_id
        counts = self.report.people
        if plan.account is None:
            counts.added += 1
        elif plan.values:
            counts.updated += 1
        else:
            counts.same += 1
        for sentence, name in plan.notes:
            self.report.note(sentence, name)


async def _write(db: Connection, plans: Sequence[PlannedUser]) -> None:
    await User.bulk_create([User(**plan.values) for plan in plans if plan.account is None], using_db=db)
    for plan in plans:
        if plan.account is not None and plan.values:
            # The condition leaves out people who signed in for the first time in the meantime.
            unused = User.filter(id=plan.account["id"], signed_in_at__isnull=True)
            await unused.using_db(db).update(**plan.values)


def _set_by_host(person: SourceUser, account: Row) -> bool:
    """Whether the host has set the password here, so it did not come from the source."""
    ours, theirs = (str(values) for values in (account["password_hash"], person.password_hash))
    return ours != theirs and not passwords.is_outdated(ours) and passwords.is_outdated(theirs)


def _notes(person: SourceUser, account: Mapping[str, Any], lacks_salt: bool) -> Iterator[tuple[str, str]]:
    """A sentence and a name for each thing the host should know about the person."""
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
    if obstacle := sign_in.obstacle(account["password_hash"], lacks_salt):
        yield obstacle, name
    if not person.is_active:
        yield DISABLED, name
