"""Migration: a key for each account that encrypts local drafts."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("journal", "0003_departures")]

    initial = False

    operations = [
        ops.AddField(model_name="User", name="copy_key", field=fields.CharField(null=True, max_length=44)),
    ]
