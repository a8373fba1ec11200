"""Migration: imports and the entries that came from them, what an imported entry carries beside its text,
and jobs."""

import functools
from json import dumps, loads
from typing import Any

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

DUMPS = functools.partial(dumps, separators=(",", ":"))


def key() -> fields.BigIntField:
    return fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)


def reference(model: str, name: str, related: str, *, is_indexed: bool = False) -> Any:
    return fields.ForeignKeyField(
        f"journal.{model}",
        source_field=f"{name}_id",
        db_constraint=True,
        db_index=is_indexed,
        to_field="id",
        related_name=related,
        on_delete=OnDelete.CASCADE,
    )


class Migration(migrations.Migration):
    dependencies = [("journal", "0016_attachments")]

    initial = False

    operations = [
        ops.CreateModel(
            name="EntryMetadata",
            fields=[
                ("id", key()),
                (
                    "entry",
                    fields.OneToOneField(
                        "journal.Entry",
                        source_field="entry_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="metadata",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("place", fields.CharField(default="", max_length=300)),
                ("latitude", fields.FloatField(null=True)),
                ("longitude", fields.FloatField(null=True)),
                ("weather", fields.CharField(default="", max_length=200)),
                ("record", fields.TextField(default="", unique=False)),
            ],
            options={"table": "entry_metadata", "app": "journal", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Import",
            fields=[
                ("id", key()),
                ("uid", fields.UUIDField(unique=True)),
                ("user", reference("User", "user", "imports")),
                ("file_name", fields.CharField(max_length=255)),
                ("format", fields.CharField(default="", max_length=32)),
                ("zone", fields.CharField(max_length=64)),
                ("date_format", fields.CharField(default="", max_length=64)),
                ("state", fields.CharField(default="reading", max_length=8)),
                ("preview", fields.JSONField(default=dict, encoder=DUMPS, decoder=loads)),
                ("report", fields.JSONField(default=dict, encoder=DUMPS, decoder=loads)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "imports",
                "app": "journal",
                "indexes": [Index(fields=["user_id", "id"])],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ImportItem",
            fields=[
                ("id", key()),
                ("origin", reference("Import", "origin", "items")),
                ("entry", reference("Entry", "entry", "import_items", is_indexed=True)),
                ("kind", fields.CharField(max_length=8)),
                ("version", fields.IntField()),
            ],
            options={
                "table": "import_items",
                "app": "journal",
                "unique_together": (("origin", "entry"),),
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Job",
            fields=[
                ("id", key()),
                ("user", reference("User", "user", "jobs")),
                ("kind", fields.CharField(max_length=32)),
                ("subject", fields.BigIntField()),
                ("state", fields.CharField(default="waiting", max_length=8)),
                ("done", fields.IntField(default=0)),
                ("total", fields.IntField(default=0)),
                ("tries", fields.SmallIntField(default=0)),
                ("problem", fields.CharField(default="", max_length=1000)),
                ("worker", fields.CharField(default="", max_length=64)),
                ("beat_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "jobs",
                "app": "journal",
                "indexes": [
                    Index(fields=["user_id", "state"]),
                    Index(fields=["state", "id"]),
                    Index(fields=["kind", "subject"]),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
    ]
