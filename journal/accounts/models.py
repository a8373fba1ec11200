"""Models of accounts, failed sign-ins (rate limit), security events (audit log) and deleted imports."""

from tortoise import fields
from tortoise.models import Model


# Comments, not docstrings: Tortoise writes a model's docstring into the schema.
# `username_key` and `email_key` are case-folded, so that names and addresses are unique in any case.
# `username_skeleton` is equal for names that look alike. `hash_cost` is roughly how many milliseconds a hash
# of an old app takes to verify, 0 for our own, and negative if no password will fit it. backfill.py fills
# both columns where they are NULL.
# `session_stamp` changes to end all sessions: refresh tokens carry a copy of it.
# `day_starts` is the hour at which a day starts, so that entries after midnight can belong to the day before;
# `week_starts` is the weekday, Monday being 0. `rest_days`: one day off a week breaks no streak.
# `prompt_key` is the prompt that was shown on `prompt_day`; the rotation continues from there.
# `copy_key` encrypts local drafts. `source` and `source_id` say where an imported account came from.
class User(Model):
    id = fields.BigIntField(primary_key=True)
    username = fields.CharField(max_length=200, db_index=True)
    username_key = fields.CharField(max_length=400, unique=True)
    username_skeleton = fields.CharField(max_length=200, null=True)
    email = fields.CharField(max_length=254, null=True)
    email_key = fields.CharField(max_length=400, null=True, unique=True)
    password_hash = fields.CharField(max_length=1024, null=True)
    hash_cost = fields.IntField(null=True)
    session_stamp = fields.CharField(max_length=16)
    zone = fields.CharField(max_length=64)
    day_starts = fields.SmallIntField(default=0, db_default=0)
    week_starts = fields.SmallIntField(default=0, db_default=0)
    rest_days = fields.BooleanField(default=False, db_default=False)
    font = fields.CharField(max_length=8, default="serif", db_default="serif")
    keys = fields.CharField(max_length=3, default="on", db_default="on")
    conceal = fields.CharField(max_length=3, default="off", db_default="off")
    is_admin = fields.BooleanField(default=False)
    is_active = fields.BooleanField(default=True)
    created_at = fields.DatetimeField()
    signed_in_at = fields.DatetimeField(null=True)
    prompts_on = fields.BooleanField(default=True, db_default=True)
    prompt_dismissed_on = fields.DateField(null=True)
    prompt_day = fields.DateField(null=True)
    prompt_key = fields.CharField(max_length=32, null=True)
    source = fields.CharField(max_length=64, null=True)
    source_id = fields.CharField(max_length=64, null=True)
    copy_key = fields.CharField(max_length=44, null=True)

    class Meta:
        table = "users"
        indexes = (("hash_cost",), ("username_skeleton",))
        unique_together = (("source", "source_id"),)


# A failed sign-in, counted by the rate limit. `key` is the account, or a hash of a name without an account.
class Failure(Model):
    id = fields.BigIntField(primary_key=True)
    key = fields.CharField(max_length=80)
    address = fields.CharField(max_length=64)
    at = fields.DatetimeField()

    class Meta:
        table = "sign_in_failures"
        indexes = (("key", "at"), ("address", "at"), ("at",))


# An event of the audit log, which the owner of the account can read.
class SecurityEvent(Model):
    id = fields.BigIntField(primary_key=True)
    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        "journal.User", related_name="security_events", db_index=False
    )
    user_id: int
    kind = fields.CharField(max_length=32)
    detail = fields.CharField(max_length=200, default="")
    address = fields.CharField(max_length=64)
    at = fields.DatetimeField()

    class Meta:
        table = "security_events"
        indexes = (("user_id", "at"), ("at",))


# An imported account or entry that was deleted here for good, so that the next import does not restore it.
class Departure(Model):
    id = fields.BigIntField(primary_key=True)
    kind = fields.CharField(max_length=8)
    source = fields.CharField(max_length=64)
    source_id = fields.CharField(max_length=200)

    class Meta:
        table = "departures"
        unique_together = (("kind", "source", "source_id"),)
