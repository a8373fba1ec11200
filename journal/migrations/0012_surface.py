"""Migration: editor settings: font, keyboard shortcuts of one letter, text that is blurred when idle."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("journal", "0011_years")]

    initial = False

    operations = [
        ops.AddField(
            model_name="User",
            name="font",
            field=fields.CharField(default="serif", db_default="serif", max_length=8),
        ),
        ops.AddField(
            model_name="User",
            name="keys",
            field=fields.CharField(default="on", db_default="on", max_length=3),
        ),
        ops.AddField(
            model_name="User",
            name="conceal",
            field=fields.CharField(default="off", db_default="off", max_length=3),
        ),
    ]
