"""What an entry may begin with, in its writer's own words."""

from tortoise import fields
from tortoise.models import Model

from journal.accounts.models import User


# One at most of a person's is the default. Of the deleted ones only the latest is kept, to be put back.
class EntryTemplate(Model):
    id = fields.BigIntField(primary_key=True)
    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        "journal.User", related_name="entry_templates", db_index=False
    )
    user_id: int
    position = fields.IntField()
    is_default = fields.BooleanField(default=False)
    deleted_at = fields.DatetimeField(null=True)
    name = fields.CharField(max_length=80)
    title = fields.CharField(max_length=300, default="")
    body = fields.TextField(default="")

    class Meta:
        table = "entry_templates"
        indexes = (("user_id", "position"),)
