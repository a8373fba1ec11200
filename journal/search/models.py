"""Table of the search index: the tokens of each entry."""

from typing import Any

from tortoise import fields
from tortoise.models import Model


# `id` is journal.search.sort_key, so that the newest come first without sorting. A migration adds what models
# can't express: on SQLite a full-text index over `words` that triggers update, on PostgreSQL a column that is
# generated from `words`, with a GIN index.
class SearchText(Model):
    id = fields.BigIntField(primary_key=True)
    entry: fields.OneToOneRelation[Any] = fields.OneToOneField("journal.Entry", related_name="search_text")
    user_id = fields.BigIntField()
    folding = fields.SmallIntField()  # tokenizer.VERSION at that time
    words = fields.TextField()

    class Meta:
        table = "search_texts"
