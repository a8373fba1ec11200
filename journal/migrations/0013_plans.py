"""Migration: indexes for retention and the bin; columns for the cost of a hash and the skeleton of a name."""

from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops


def binned_index(name: str, *columns: str) -> Index:
    index = Index(fields=columns, name=name)
    index.extra = " WHERE deleted_at IS NOT NULL"
    return index


class Migration(migrations.Migration):
    dependencies = [("journal", "0012_surface")]

    initial = False

    operations = [
        ops.AddField(model_name="User", name="hash_cost", field=fields.IntField(null=True)),
        ops.AddField(
            model_name="User", name="username_skeleton", field=fields.CharField(max_length=200, null=True)
        ),
        ops.AddIndex(model_name="User", index=Index(fields=["hash_cost"])),
        ops.AddIndex(model_name="User", index=Index(fields=["username_skeleton"])),
        ops.AddIndex(model_name="Failure", index=Index(fields=["at"])),
        ops.AddIndex(model_name="SecurityEvent", index=Index(fields=["at"])),
        ops.RemoveIndex(model_name="Entry", fields=["user_id", "deleted_at"]),
        ops.AddIndex(model_name="Entry", index=binned_index("idx_entries_binned", "deleted_at", "id")),
        ops.AddIndex(
            model_name="Entry", index=binned_index("idx_entries_binned_by", "user_id", "deleted_at", "id")
        ),
    ]
