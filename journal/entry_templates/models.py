"""Entry template model: texts that a new entry may begin with."""

from tortoise import fields
from tortoise.models import Model

from journal.accounts.models import User


# At most one template of a person is the default. Only the template that was deleted last is kept, so that it
# can be restored.
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
