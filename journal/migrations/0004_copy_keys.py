"""A key for each person, which seals the copies of unsaved words in their browsers."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("journal", "0003_departures")]

    initial = False

    operations = [
        ops.AddField(model_name="User", name="copy_key", field=fields.CharField(null=True, max_length=44)),
    ]
