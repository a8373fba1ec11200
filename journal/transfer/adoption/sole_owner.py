"""Sole owner: the account that gets all entries of a source without people."""

from collections.abc import AsyncGenerator, Sequence

from journal.accounts import users
from journal.transfer.adoption.import_users import Owners, UserImport
from journal.transfer.adoption.ownership import SOLE
from journal.transfer.legacy.known_schemas import SourceRow, Table, TableMapping


class OnePerson:
    """A source of people that has one, who has no password."""

    def __init__(self, name: str) -> None:
        self.label = self.name = name

    async def tables(self) -> Sequence[Table]:
        return []

    async def count(self, table: Table) -> int:
        return 1

    async def batches(self, mapping: TableMapping, size: int) -> AsyncGenerator[list[SourceRow], None]:
        yield [{"id": SOLE, "key": SOLE, "name": self.name}]


async def owners(people: UserImport, name: str) -> Owners:
    """The account of that name here; a new one, without a password, if there is none."""
    if found := await users.find(name):
        return {SOLE: found.id}
    return await people.run(OnePerson(name), TableMapping(Table("", ()), {}))
