"""Which entries have a tag, and how many do."""

from tortoise import fields
from tortoise.models import Model


# One tag of an entry that is not in the bin, from its field or from its text. `key` is what spellings have
# in common (naming.index_key), `name` this entry's spelling; `user_id` and `day` are the entry's own.
class EntryTag(Model):
    id = fields.BigIntField(primary_key=True)
    entry: fields.ForeignKeyRelation["Model"] = fields.ForeignKeyField(
        "journal.Entry", related_name="tag_rows", db_index=False
    )
    entry_id: int
    user_id = fields.BigIntField()
    day = fields.DateField()
    key = fields.CharField(max_length=200)
    name = fields.TextField()

    class Meta:
        table = "entry_tags"
        unique_together = (("entry", "key"),)
        indexes = (("user_id", "key", "day", "entry_id"),)


# How many entries have a tag; without any it has no row. `name` is the spelling that came last.
class Tag(Model):
    id = fields.BigIntField(primary_key=True)
    user: fields.ForeignKeyRelation["Model"] = fields.ForeignKeyField(
        "journal.User", related_name="tags", db_index=False
    )
    user_id: int
    key = fields.CharField(max_length=200)
    name = fields.TextField()
    entries = fields.IntField()

    class Meta:
        table = "tags"
        unique_together = (("user", "key"),)
        indexes = (("user_id", "entries"),)
