"""Migration: day counts, the date of an entry without its year, and the start of a user's day and week."""

from typing import Any

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

MONTH_DAY = {
    "sqlite": "CAST(substr(day, 6, 2) || substr(day, 9, 2) AS INTEGER)",
    "postgres": "CAST(extract(month FROM day) * 100 + extract(day FROM day) AS integer)",
}
MOOD = "CASE mood WHEN 'awful' THEN 1 WHEN 'bad' THEN 2 WHEN 'okay' THEN 3 WHEN 'good' THEN 4 ELSE 5 END"


async def fill(_apps: Any, editor: Any) -> None:
    """Fills the new tables for the entries that exist; later the site maintains them at each save."""
    month_day = MONTH_DAY[editor.client.capabilities.dialect]
    await editor.client.execute_query(f"UPDATE entries SET month_day = {month_day}")
    await editor.client.execute_query(
        "INSERT INTO day_counts (user_id, day, month_day, entries, words, moods, mood_sum) "
        "SELECT user_id, day, min(month_day), count(*), sum(words), "
        f"sum(CASE WHEN mood = '' THEN 0 ELSE 1 END), sum(CASE WHEN mood = '' THEN 0 ELSE {MOOD} END) "
        "FROM entries WHERE deleted_at IS NULL GROUP BY user_id, day ORDER BY user_id, day"
    )


class Migration(migrations.Migration):
    dependencies = [("journal", "0005_starters")]

    initial = False

    operations = [
        ops.AddField(
            model_name="User", name="day_starts", field=fields.SmallIntField(default=0, db_default=0)
        ),
        ops.AddField(
            model_name="User", name="week_starts", field=fields.SmallIntField(default=0, db_default=0)
        ),
        ops.AddField(
            model_name="Entry", name="month_day", field=fields.SmallIntField(default=0, db_default=0)
        ),
        ops.CreateModel(
            name="DayCount",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "user",
                    fields.ForeignKeyField(
                        "journal.User",
                        source_field="user_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="day_counts",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("day", fields.DateField()),
                ("month_day", fields.SmallIntField()),
                ("entries", fields.IntField()),
                ("words", fields.IntField()),
                ("moods", fields.IntField()),
                ("mood_sum", fields.IntField()),
            ],
            options={
                "table": "day_counts",
                "app": "journal",
                "unique_together": (("user", "day"),),
                "indexes": [Index(fields=["user_id", "month_day", "day"])],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.RunPython(fill),
        ops.AddIndex(model_name="Entry", index=Index(fields=["user_id", "month_day", "day", "id"])),
    ]
