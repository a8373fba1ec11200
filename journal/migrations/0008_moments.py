"""Migration: when the text of a revision was written; unknown for older revisions."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("journal", "0007_search")]

    initial = False

    operations = [
        ops.AddField(
            model_name="Revision",
            name="written_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
    ]
