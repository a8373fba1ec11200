"""People who keep a journal here."""

from tortoise import fields
from tortoise.models import Model


# Comments, not docstrings: Tortoise writes a model's docstring into the schema.
# The keys are the folded forms that make names and addresses unique whatever their case.
# On `prompt_day` it was the turn of the prompt `prompt_key`; the days after go on from there.
# A day starts at that hour, so that what is written after midnight may belong to the day before; a week on
# that weekday, Monday being 0.
# `rest_days`: whether a day without an entry each week breaks no streak.
# `hash_cost` is roughly how many milliseconds it takes to verify a hash that an old app made, else 0, and
# `username_skeleton` is equal for names that look alike; backfill.py fills both where they are NULL.
# `source` and `source_id` say where an adopted account came from.
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


# A failed sign-in, to be counted. `key` says whom it was aimed at: an account, or a name that nobody has.
class Failure(Model):
    id = fields.BigIntField(primary_key=True)
    key = fields.CharField(max_length=80)
    address = fields.CharField(max_length=64)
    at = fields.DatetimeField()

    class Meta:
        table = "sign_in_failures"
        indexes = (("key", "at"), ("address", "at"), ("at",))


# What happened to an account's security, for its owner to read.
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


# What came from an old app and was deleted here for good, so that adopting again does not bring it back.
class Departure(Model):
    id = fields.BigIntField(primary_key=True)
    kind = fields.CharField(max_length=8)
    source = fields.CharField(max_length=64)
    source_id = fields.CharField(max_length=200)

    class Meta:
        table = "departures"
        unique_together = (("kind", "source", "source_id"),)
