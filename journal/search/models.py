"""What of each entry can be found: its words as they are compared."""

from typing import Any

from tortoise import fields
from tortoise.models import Model


# `id` is the entry's place in time (journal.search.sort_key), so that the newest come first without sorting.
# Beside this table lives what models can't say, made by the migration: on SQLite a full-text index over
# `words` that triggers keep, on PostgreSQL a column made from `words`, with a GIN index.
class SearchText(Model):
    id = fields.BigIntField(primary_key=True)
    entry: fields.OneToOneRelation[Any] = fields.OneToOneField("journal.Entry", related_name="search_text")
    user_id = fields.BigIntField()
    folding = fields.SmallIntField()  # tokens.VERSION of then
    words = fields.TextField()

    class Meta:
        table = "search_texts"
