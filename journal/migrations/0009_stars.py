"""Migration: stars on entries."""

from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("journal", "0008_moments")]

    initial = False

    operations = [
        ops.AddField(
            model_name="Entry", name="starred", field=fields.BooleanField(default=False, db_default=False)
        ),
        ops.AddIndex(model_name="Entry", index=Index(fields=["user_id", "starred", "day", "id"])),
    ]
