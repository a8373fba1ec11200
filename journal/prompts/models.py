"""Prompt model: the prompts that people have added for themselves."""

from tortoise import fields
from tortoise.models import Model

from journal.accounts.models import User


# Only the prompt that was deleted last is kept, so that it can be restored.
class OwnPrompt(Model):
    id = fields.BigIntField(primary_key=True)
    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        "journal.User", related_name="own_prompts", db_index=False
    )
    user_id: int
    deleted_at = fields.DatetimeField(null=True)
    text = fields.CharField(max_length=300)

    class Meta:
        table = "own_prompts"
        indexes = (("user_id", "id"),)
