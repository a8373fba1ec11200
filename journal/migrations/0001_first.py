"""Migration: users, entries, revisions and idempotency keys."""

import functools
from json import dumps, loads

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name="User",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("username", fields.CharField(db_index=True, max_length=200)),
                ("username_key", fields.CharField(unique=True, max_length=400)),
                ("email", fields.CharField(null=True, max_length=254)),
                ("email_key", fields.CharField(null=True, unique=True, max_length=400)),
                ("password_hash", fields.CharField(null=True, max_length=1024)),
                ("session_stamp", fields.CharField(max_length=16)),
                ("zone", fields.CharField(max_length=64)),
                ("is_admin", fields.BooleanField(default=False)),
                ("is_active", fields.BooleanField(default=True)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("signed_in_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("source", fields.CharField(null=True, max_length=64)),
                ("source_id", fields.CharField(null=True, max_length=64)),
            ],
            options={
                "table": "users",
                "app": "journal",
                "unique_together": (("source", "source_id"),),
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Entry",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("uid", fields.UUIDField(unique=True)),
                (
                    "user",
                    fields.ForeignKeyField(
                        "journal.User",
                        source_field="user_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="entries",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("day", fields.DateField()),
                ("zone", fields.CharField(max_length=64)),
                ("written_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("updated_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("version", fields.IntField()),
                ("mood", fields.CharField(default="", max_length=8)),
                ("words", fields.IntField(default=0)),
                ("deleted_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("source", fields.CharField(null=True, max_length=64)),
                ("source_id", fields.CharField(null=True, max_length=200)),
                ("source_digest", fields.CharField(null=True, max_length=64)),
                ("source_version", fields.IntField(null=True)),
                (
                    "tags",
                    fields.JSONField(
                        default=list, encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads
                    ),
                ),
                ("title", fields.CharField(default="", max_length=1000)),
                ("html", fields.TextField(default="", unique=False)),
                ("body", fields.TextField(default="", unique=False)),
            ],
            options={
                "table": "entries",
                "app": "journal",
                "unique_together": (("user", "source", "source_id"),),
                "indexes": [Index(fields=["user_id", "day", "id"]), Index(fields=["user_id", "deleted_at"])],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Revision",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "entry",
                    fields.ForeignKeyField(
                        "journal.Entry",
                        source_field="entry_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="revisions",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("number", fields.IntField()),
                ("kind", fields.CharField(max_length=8)),
                ("version", fields.IntField()),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("day", fields.DateField()),
                ("zone", fields.CharField(max_length=64)),
                ("mood", fields.CharField(default="", max_length=8)),
                (
                    "tags",
                    fields.JSONField(
                        default=list, encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads
                    ),
                ),
                ("title", fields.CharField(default="", max_length=1000)),
                ("body", fields.TextField(default="", unique=False)),
            ],
            options={
                "table": "revisions",
                "app": "journal",
                "unique_together": (("entry", "number"),),
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Save",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "user",
                    fields.ForeignKeyField(
                        "journal.User",
                        source_field="user_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="saves",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("save_id", fields.UUIDField()),
                ("entry_uid", fields.UUIDField()),
                ("digest", fields.CharField(max_length=64)),
                ("outcome", fields.CharField(max_length=12)),
                ("version", fields.IntField()),
                ("created_at", fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "saves",
                "app": "journal",
                "unique_together": (("user", "save_id"),),
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
    ]
