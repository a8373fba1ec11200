"""Tables of imports: each file that a person brings, and the entries that came from it."""

from typing import Any

from tortoise import fields
from tortoise.models import Model

from journal.accounts.models import User
from journal.entries.models import Entry


# `uid` is in the address of its page, and the name of the uploaded file in DATA_DIR/uploads. `state` is one
# of reading, ready, running, done, undoing, undone and failed. `preview` and `report` are shown by the pages.
class Import(Model):
    id = fields.BigIntField(primary_key=True)
    uid = fields.UUIDField(unique=True)
    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        "journal.User", related_name="imports", db_index=False
    )
    user_id: int
    file_name = fields.CharField(max_length=255)
    format = fields.CharField(max_length=32, default="")
    zone = fields.CharField(max_length=64)
    date_format = fields.CharField(max_length=64, default="")
    state = fields.CharField(max_length=8, default="reading")
    preview: dict[str, Any] = fields.JSONField(default=dict)
    report: dict[str, Any] = fields.JSONField(default=dict)
    created_at = fields.DatetimeField()

    class Meta:
        table = "imports"
        indexes = (("user_id", "id"),)


# An entry that an import added or changed. `version` is the entry's version afterwards: an undo leaves alone
# what was changed since.
class ImportItem(Model):
    id = fields.BigIntField(primary_key=True)
    origin: fields.ForeignKeyRelation[Import] = fields.ForeignKeyField(
        "journal.Import", related_name="items", db_index=False
    )
    origin_id: int
    entry: fields.ForeignKeyRelation[Entry] = fields.ForeignKeyField(
        "journal.Entry", related_name="import_items", db_index=True
    )
    entry_id: int
    kind = fields.CharField(max_length=8)  # added or changed
    version = fields.IntField()

    class Meta:
        table = "import_items"
        unique_together = (("origin", "entry"),)
