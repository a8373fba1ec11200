"""Migration: full-text search, by FTS5 on SQLite and GIN on PostgreSQL."""

from typing import Any

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops

# The words come separated by spaces and folded already: each engine takes them as they are. Without positions
# (detail = none) the index is a sixth; rows of words are looked for in the text of what has all of them.
SQLITE = [
    """CREATE VIRTUAL TABLE search_index USING fts5(
        words, content = 'search_texts', content_rowid = 'id', detail = 'none', columnsize = 0,
        prefix = '2 3', tokenize = "ascii tokenchars '_'"
    )""",
    "CREATE VIRTUAL TABLE search_words USING fts5vocab('search_index', 'instance')",
    """CREATE TRIGGER search_texts_added AFTER INSERT ON search_texts BEGIN
        INSERT INTO search_index (rowid, words) VALUES (new.id, new.words);
    END""",
    """CREATE TRIGGER search_texts_changed AFTER UPDATE ON search_texts BEGIN
        INSERT INTO search_index (search_index, rowid, words) VALUES ('delete', old.id, old.words);
        INSERT INTO search_index (rowid, words) VALUES (new.id, new.words);
    END""",
    """CREATE TRIGGER search_texts_gone AFTER DELETE ON search_texts BEGIN
        INSERT INTO search_index (search_index, rowid, words) VALUES ('delete', old.id, old.words);
    END""",
]
POSTGRES = [
    """ALTER TABLE search_texts ADD COLUMN found_by tsvector
        GENERATED ALWAYS AS (array_to_tsvector(string_to_array(btrim(words), ' '))) STORED""",
    # Beside the row, where it would be put otherwise, it takes three times as long to look at.
    "ALTER TABLE search_texts ALTER COLUMN found_by SET STORAGE MAIN",
    "CREATE INDEX search_texts_found_by ON search_texts USING gin (found_by) WITH (fastupdate = off)",
    "CREATE INDEX search_texts_newest ON search_texts (user_id, id DESC)",
]


async def index(_apps: Any, editor: Any) -> None:
    is_sqlite = editor.client.capabilities.dialect == "sqlite"
    for statement in SQLITE if is_sqlite else POSTGRES:
        await editor.client.execute_query(statement)


class Migration(migrations.Migration):
    dependencies = [("journal", "0006_days")]

    initial = False

    operations = [
        ops.CreateModel(
            name="SearchText",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "entry",
                    fields.OneToOneField(
                        "journal.Entry",
                        source_field="entry_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="search_text",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("user_id", fields.BigIntField()),
                ("folding", fields.SmallIntField()),
                ("words", fields.TextField(unique=False)),
            ],
            options={"table": "search_texts", "app": "journal", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.RunPython(index),
    ]
