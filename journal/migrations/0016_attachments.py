"""Migration: photos and files of entries."""

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("journal", "0015_drop_year_counts")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Attachment",
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
                        related_name="attachments",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "entry",
                    fields.ForeignKeyField(
                        "journal.Entry",
                        source_field="entry_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="attachments",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("sha256", fields.CharField(db_index=True, max_length=64)),
                ("name", fields.CharField(max_length=255)),
                ("content_type", fields.CharField(max_length=100)),
                ("size", fields.BigIntField()),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "attachments",
                "app": "journal",
                "indexes": [Index(fields=["user_id", "id"]), Index(fields=["entry_id", "id"])],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
    ]
