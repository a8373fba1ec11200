"""Migration: templates and prompts for new entries, and their settings."""

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("journal", "0004_copy_keys")]

    initial = False

    operations = [
        ops.AddField(
            model_name="User",
            name="prompts_on",
            field=fields.BooleanField(default=True, db_default=True),
        ),
        ops.AddField(
            model_name="User",
            name="prompt_dismissed_on",
            field=fields.DateField(null=True),
        ),
        ops.AddField(
            model_name="User",
            name="prompt_day",
            field=fields.DateField(null=True),
        ),
        ops.AddField(
            model_name="User",
            name="prompt_key",
            field=fields.CharField(null=True, max_length=32),
        ),
        ops.CreateModel(
            name="EntryTemplate",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "user",
                    fields.ForeignKeyField(
                        "journal.User",
                        source_field="user_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="entry_templates",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("position", fields.IntField()),
                ("is_default", fields.BooleanField(default=False)),
                ("deleted_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("name", fields.CharField(max_length=80)),
                ("title", fields.CharField(default="", max_length=300)),
                ("body", fields.TextField(default="", unique=False)),
            ],
            options={
                "table": "entry_templates",
                "app": "journal",
                "indexes": [Index(fields=["user_id", "position"])],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="OwnPrompt",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "user",
                    fields.ForeignKeyField(
                        "journal.User",
                        source_field="user_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="own_prompts",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("deleted_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("text", fields.CharField(max_length=300)),
            ],
            options={
                "table": "own_prompts",
                "app": "journal",
                "indexes": [Index(fields=["user_id", "id"])],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
    ]
