"""Tables of the tag index: the tags of each entry, and how many entries have a tag."""

from tortoise import fields
from tortoise.models import Model


# A tag of an entry that is not in the bin, from its field or a hashtag of its body. `key` is the same for all
# spellings (tag_names.index_key), `name` is the spelling of this entry; `user_id` and `day` are the entry's.
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


# How many entries have a tag; a tag without entries has no row. `name` is the last spelling.
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
