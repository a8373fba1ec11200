"""Migration: imported accounts and entries that were deleted here for good."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("journal", "0002_security")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Departure",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("kind", fields.CharField(max_length=8)),
                ("source", fields.CharField(max_length=64)),
                ("source_id", fields.CharField(max_length=200)),
            ],
            options={
                "table": "departures",
                "app": "journal",
                "unique_together": (("kind", "source", "source_id"),),
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
    ]
