"""Tables of entries, revisions, save ids and counts."""

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from journal.accounts.models import User

# In this form the condition never makes SQLite use an index over `deleted_at`.
NOT_BINNED = "NOT (deleted_at IS NOT NULL)"


def binned_index(name: str, *columns: str) -> Index:
    """A partial index of entries in the bin, which no query of other entries can use."""
    index = Index(fields=columns, name=name)
    index.extra = " WHERE deleted_at IS NOT NULL"
    return index


# `day` is the writer's local date, which no change of zone moves; `written_at` is the instant, and `zone` the
# writer's time zone. `month_day` is the date without its year, 229 for the 29th of February. `rendering` is
# the version of the rules by which `html` and `words` (their number) were made.
# The long columns come last, because SQLite reads over all columns before the one it is asked for.
class Entry(Model):
    id = fields.BigIntField(primary_key=True)
    uid = fields.UUIDField(unique=True)
    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        "journal.User", related_name="entries", db_index=False
    )
    user_id: int
    day = fields.DateField()
    zone = fields.CharField(max_length=64)
    written_at = fields.DatetimeField()
    updated_at = fields.DatetimeField()
    version = fields.IntField()
    mood = fields.CharField(max_length=8, default="")
    words = fields.IntField(default=0)
    deleted_at = fields.DatetimeField(null=True)
    month_day = fields.SmallIntField(default=0, db_default=0)
    starred = fields.BooleanField(default=False, db_default=False)
    source = fields.CharField(max_length=64, null=True)
    source_id = fields.CharField(max_length=200, null=True)
    source_digest = fields.CharField(max_length=64, null=True)
    source_version = fields.IntField(null=True)
    rendering = fields.SmallIntField(default=0, db_default=0)
    tags: list[str] = fields.JSONField(default=list)
    title = fields.CharField(max_length=1000, default="")
    html = fields.TextField(default="")
    body = fields.TextField(default="")

    class Meta:
        table = "entries"
        unique_together = (("user", "source", "source_id"),)
        indexes = (
            ("user_id", "day", "id"),
            binned_index("idx_entries_binned", "deleted_at", "id"),
            binned_index("idx_entries_binned_by", "user_id", "deleted_at", "id"),
            ("user_id", "month_day", "day", "id"),
            ("user_id", "starred", "day", "id"),
            ("rendering", "id"),
        )


# What an imported entry carries beside its text: where it was written, the weather there, and the record of
# the program that it came from, as JSON text.
class EntryMetadata(Model):
    id = fields.BigIntField(primary_key=True)
    entry: fields.OneToOneRelation[Entry] = fields.OneToOneField("journal.Entry", related_name="metadata")
    entry_id: int
    place = fields.CharField(max_length=300, default="")
    latitude = fields.FloatField(null=True)  # degrees
    longitude = fields.FloatField(null=True)
    weather = fields.CharField(max_length=200, default="")
    record = fields.TextField(default="")

    class Meta:
        table = "entry_metadata"


# Counts of the entries of a day that are not in the bin; a day without entries has no row. Only day_counts.py
# writes it. `moods` is the number of entries with a mood, `mood_sum` the sum of their values, from 1 (awful)
# to 5.
class DayCount(Model):
    id = fields.BigIntField(primary_key=True)
    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        "journal.User", related_name="day_counts", db_index=False
    )
    user_id: int
    day = fields.DateField()
    month_day = fields.SmallIntField()
    entries = fields.IntField()
    words = fields.IntField()
    moods = fields.IntField()
    mood_sum = fields.IntField()

    class Meta:
        table = "day_counts"
        unique_together = (("user", "day"),)
        indexes = (("user_id", "month_day", "day"),)


# How many entries are about that weekday, Monday being 0, and were begun in that hour on the clock of their
# zone. hour_counts.py is the only writer.
class HourCount(Model):
    id = fields.BigIntField(primary_key=True)
    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        "journal.User", related_name="hour_counts", db_index=False
    )
    user_id: int
    weekday = fields.SmallIntField()
    hour = fields.SmallIntField()
    entries = fields.IntField()

    class Meta:
        table = "hour_counts"
        unique_together = (("user", "weekday", "hour"),)


# The text of one version, or a text that lost a conflict; then `version` is the version that it was based on.
class Revision(Model):
    id = fields.BigIntField(primary_key=True)
    entry: fields.ForeignKeyRelation[Entry] = fields.ForeignKeyField(
        "journal.Entry", related_name="revisions", db_index=False
    )
    entry_id: int
    number = fields.IntField()
    kind = fields.CharField(max_length=8)
    version = fields.IntField()
    created_at = fields.DatetimeField()
    day = fields.DateField()
    zone = fields.CharField(max_length=64)
    mood = fields.CharField(max_length=8, default="")
    tags: list[str] = fields.JSONField(default=list)
    title = fields.CharField(max_length=1000, default="")
    body = fields.TextField(default="")
    written_at = fields.DatetimeField(null=True)

    class Meta:
        table = "revisions"
        unique_together = (("entry", "number"),)


# The answer that a save got, by its save id, so that the same request sent again is one save.
class Save(Model):
    id = fields.BigIntField(primary_key=True)
    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        "journal.User", related_name="saves", db_index=False
    )
    user_id: int
    save_id = fields.UUIDField()
    entry_uid = fields.UUIDField()
    digest = fields.CharField(max_length=64)
    outcome = fields.CharField(max_length=12)
    version = fields.IntField()
    created_at = fields.DatetimeField(db_index=True)

    class Meta:
        table = "saves"
        unique_together = (("user", "save_id"),)
