"""Table of jobs: work that takes longer than a request."""

from tortoise import fields
from tortoise.models import Model

from journal.accounts.models import User


# `kind` names the handler, and `subject` is the id of the row that the job is about. `worker` is the process
# that runs it, and `beat_at` when it last said so: a job that stays silent is started again. `done` of
# `total` is the progress; `total` is 0 while it is not known. `problem` is a sentence.
class Job(Model):
    id = fields.BigIntField(primary_key=True)
    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        "journal.User", related_name="jobs", db_index=False
    )
    user_id: int
    kind = fields.CharField(max_length=32)
    subject = fields.BigIntField()
    state = fields.CharField(max_length=8, default="waiting")  # waiting, running, done or failed
    done = fields.IntField(default=0)
    total = fields.IntField(default=0)
    tries = fields.SmallIntField(default=0)
    problem = fields.CharField(max_length=1000, default="")
    worker = fields.CharField(max_length=64, default="")
    beat_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "jobs"
        indexes = (("user_id", "state"), ("state", "id"), ("kind", "subject"))
