"""Migration: the version of the rules by which an entry was rendered, with an index."""

from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("journal", "0013_plans")]

    initial = False

    operations = [
        ops.AddField(
            model_name="Entry", name="rendering", field=fields.SmallIntField(default=0, db_default=0)
        ),
        ops.AddIndex(model_name="Entry", index=Index(fields=["rendering", "id"])),
    ]
