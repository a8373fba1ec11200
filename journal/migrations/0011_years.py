"""Migration: counts by year, weekday and hour, and the setting for rest days in streaks."""

from collections import Counter
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops

SIZE = 1000  # rows read at once
COUNTS = ("entries", "words", "moods", "mood_sum")
MONTHS = [f"month_{number}" for number in range(1, 13)]


async def fill(_apps: Any, editor: Any) -> None:
    """Fills the new tables for the entries that exist; later the site maintains them at each save."""
    years: dict[tuple[int, ...], Counter[str]] = {}
    async for row in walk(editor.client, "day_counts", f"id, user_id, day, {', '.join(COUNTS)}", ""):
        day = str(row["day"])
        sums = years.setdefault((row["user_id"], int(day[:4])), Counter())
        sums.update({name: row[name] for name in COUNTS})
        sums[MONTHS[int(day[5:7]) - 1]] += 1 << (int(day[8:10]) - 1)
    await insert(editor.client, "year_counts", ("user_id", "year"), (*COUNTS, *MONTHS), years)
    hours: dict[tuple[int, ...], Counter[str]] = {}
    async for row in walk(
        editor.client, "entries", "id, user_id, day, written_at, zone", "AND deleted_at IS NULL"
    ):
        hour = datetime.fromisoformat(str(row["written_at"])).astimezone(ZoneInfo(row["zone"])).hour
        weekday = date.fromisoformat(str(row["day"])).weekday()
        hours.setdefault((row["user_id"], weekday, hour), Counter())["entries"] += 1
    await insert(editor.client, "hour_counts", ("user_id", "weekday", "hour"), ("entries",), hours)


async def walk(db: Any, table: str, columns: str, where: str) -> Any:
    mark = "$1" if db.capabilities.dialect == "postgres" else "?"
    last = 0
    while True:
        sql = f"SELECT {columns} FROM {table} WHERE id > {mark} {where} ORDER BY id LIMIT {SIZE}"
        _, rows = await db.execute_query(sql, [last])
        for row in rows:
            yield row
        if len(rows) < SIZE:
            return
        last = rows[-1]["id"]


async def insert(
    db: Any, table: str, keys: Any, columns: Any, sums: dict[tuple[int, ...], Counter[str]]
) -> None:
    names = [*keys, *columns]
    postgres = db.capabilities.dialect == "postgres"
    marks = ", ".join(f"${n}" if postgres else "?" for n in range(1, len(names) + 1))
    values = [[*key, *(counts[name] for name in columns)] for key, counts in sorted(sums.items())]
    if values:
        await db.execute_many(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})", values)


def owned(name: str, table: str, *columns: tuple[str, Any], unique: tuple[str, ...]) -> Any:
    user: Any = fields.ForeignKeyField(
        "journal.User",
        source_field="user_id",
        db_constraint=True,
        to_field="id",
        related_name=table,
        on_delete=OnDelete.CASCADE,
    )
    return ops.CreateModel(
        name=name,
        fields=[
            ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
            ("user", user),
            *columns,
        ],
        options={"table": table, "app": "journal", "unique_together": (unique,), "pk_attr": "id"},
        bases=["Model"],
    )


class Migration(migrations.Migration):
    dependencies = [("journal", "0010_tags")]

    initial = False

    operations = [
        ops.AddField(
            model_name="User", name="rest_days", field=fields.BooleanField(default=False, db_default=False)
        ),
        owned(
            "YearCount",
            "year_counts",
            ("year", fields.SmallIntField()),
            ("entries", fields.IntField()),
            ("words", fields.BigIntField()),
            ("moods", fields.IntField()),
            ("mood_sum", fields.IntField()),
            *((f"month_{number}", fields.BigIntField()) for number in range(1, 13)),
            unique=("user", "year"),
        ),
        owned(
            "HourCount",
            "hour_counts",
            ("weekday", fields.SmallIntField()),
            ("hour", fields.SmallIntField()),
            ("entries", fields.IntField()),
            unique=("user", "weekday", "hour"),
        ),
        ops.RunPython(fill),
    ]
