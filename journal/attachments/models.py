"""Table of attachments: the photos and files of entries."""

from tortoise import fields
from tortoise.models import Model

from journal.accounts.models import User


# The content is a file that is named by its SHA-256 in hexadecimal digits; several rows may share one. `name`
# is what the file was called where it came from. `size` is in bytes.
class Attachment(Model):
    id = fields.BigIntField(primary_key=True)
    uid = fields.UUIDField(unique=True)
    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        "journal.User", related_name="attachments", db_index=False
    )
    user_id: int
    # By its name only, because this room stands before the one of entries.
    entry: fields.ForeignKeyRelation[Model] = fields.ForeignKeyField(
        "journal.Entry", related_name="attachments", db_index=False
    )
    entry_id: int
    sha256 = fields.CharField(max_length=64, db_index=True)
    name = fields.CharField(max_length=255)
    content_type = fields.CharField(max_length=100)
    size = fields.BigIntField()
    created_at = fields.DatetimeField()

    class Meta:
        table = "attachments"
        indexes = (("user_id", "id"), ("entry_id", "id"))
