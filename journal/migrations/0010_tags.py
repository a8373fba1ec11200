"""Migration: the tag index and the number of entries of each tag."""

import hashlib
import json
import re
import unicodedata
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from typing import Any

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

SIZE = 200  # entries read at once
COUNT, TAG_LENGTH = 50, 60  # hashtags of a text, characters of each


async def fill(_apps: Any, editor: Any) -> None:
    """Fills the new tables for the entries that exist; later the site maintains them at each save."""
    db, last, counts, names = editor.client, 0, Counter[tuple[int, str]](), {}
    mark = "$1" if db.capabilities.dialect == "postgres" else "?"
    while True:
        columns = "id, user_id, day, tags, body"
        where = f"id > {mark} AND deleted_at IS NULL ORDER BY id LIMIT {SIZE}"
        _, entries = await db.execute_query(f"SELECT {columns} FROM entries WHERE {where}", [last])
        if not entries:
            break
        last = entries[-1]["id"]
        rows = []
        for entry in entries:
            for key, name in tags(entry["tags"], entry["body"]).items():
                rows.append([entry["id"], entry["user_id"], entry["day"], key, name])
                counts[entry["user_id"], key] += 1
                names[entry["user_id"], key] = name
        await insert(db, "entry_tags (entry_id, user_id, day, key, name)", rows)
    found = [[user_id, key, names[user_id, key], entries] for (user_id, key), entries in counts.items()]
    await insert(db, "tags (user_id, key, name, entries)", found)


async def insert(db: Any, table: str, rows: list[list[Any]]) -> None:
    if rows:
        is_postgres = db.capabilities.dialect == "postgres"
        marks = ", ".join(f"${n}" if is_postgres else "?" for n in range(1, len(rows[0]) + 1))
        await db.execute_many(f"INSERT INTO {table} VALUES ({marks})", rows)


def tags(field: Any, body: str) -> dict[str, str]:
    united: dict[str, str] = {}
    for name in [*(json.loads(field) if isinstance(field, str) else field), *found(body)]:
        united.setdefault(index_key(name), name)
    return united


def index_key(name: str) -> str:
    return key if len(key := folded(name)) <= 200 else hashlib.sha256(key.encode()).hexdigest()


def folded(name: str) -> str:
    for _ in range(2):
        name = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    return name


# Hashtags, as they were found when this was written.

# Scripts written without spaces, where a # may follow a letter: Han, kana, Thai, Lao, Burmese, Khmer.
UNSPACED = "\u3005-\u3007\u3041-\u30ff\u3400-\u9fff\uf900-\ufaff\uff66-\uff9d\U00020000-\U0003ffff"
UNSPACED += "\u0e01-\u0e4e\u0e81-\u0ecd\u1000-\u109f\u1780-\u17d3"
# A # and, behind it, letters as far as the next space or mark; `_length` says where the word ends.
HASHTAG = re.compile(
    rf"(?:(?<![^\W_])(?<![&/\\#＃])|(?<=[{UNSPACED}]))[#＃](?=([^\W_][^\s!-,./:-@\[-^`{{-~＃]*))"
)
# With a digit in it, or #fff and #aabbcc; #dad, #cafe and #decade are words.
COLOUR = re.compile(
    r"(?=[a-f]*[0-9])(?:[0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})|([a-f])\1{2,3}|([a-f])\2([a-f])\3([a-f])\4",
    re.I,
)
# Between two letters, one at a time: hyphens, the underscore, the joiners of Persian and of Indic scripts,
# the middle dots of Catalan and Japanese, the Tibetan tsheg.
WITHIN = frozenset("-_\u200c\u200d\u2010\u2011\u05be\u00b7\u30fb\u0f0b")
LINK = re.compile(
    r"\]\([^()\n]*\)|(?:(?<![a-z0-9+.-])[a-z][a-z0-9+.-]{1,20}://|mailto:)[^\s<>\u3000-\u9fff\uac00-\ud7af\uff00-\uffef]+",
    re.I,
)
FENCE = re.compile(r"([ \t>]*)(?:(?:[-*+]|[0-9]{1,9}[.)])[ \t]+)*(`{3,}(?=[^`\n]*$)|~{3,})", re.MULTILINE)
LENGTH = 300_000  # characters of a text that are looked through; a longer one would hold up all writers
CANDIDATES = 1000  # numbers, colours and the like are looked at as well; not for ever
ITEM = re.compile(r" {0,3}(?:[-*+]|[0-9]{1,9}[.)])[ \t]")


def found(body: str) -> list[str]:
    """Distinct tags in order, in their first spelling, up to the limit of an entry."""
    tags: dict[str, str] = {}
    seen = set()
    for match in _candidates(body):
        if match[1] not in seen:
            seen.add(match[1])
            if name := _name(match[1]):
                tags.setdefault(folded(name), name)
        if len(tags) == COUNT or len(seen) == CANDIDATES:
            break
    return list(tags.values())


def _candidates(body: str) -> Iterator[re.Match[str]]:
    closing = -1  # where a second # would close the one before, as in #话题#
    if "#" in body or "＃" in body:
        for match in HASHTAG.finditer(_readable(body[:LENGTH])):
            if match.start() != closing and not _ends_a_word(match.string, match.start()):
                closing = match.start(1) + _length(match[1])
                yield match


def _ends_a_word(text: str, at: int) -> bool:
    """Whether a vowel sign precedes, which a regular expression does not take for a letter."""
    before = text[at - 1 : at]
    return (
        not before.isascii()
        and unicodedata.category(before)[0] == "M"
        and not re.match(f"[{UNSPACED}]", before)
    )


def _name(letters: str) -> str:
    """The part that is one word; empty if it is a number or a colour."""
    name = unicodedata.normalize("NFC", letters[: _length(letters)])
    is_word = len(name) <= TAG_LENGTH and any(unicodedata.category(letter)[0] == "L" for letter in name)
    return name if is_word and not COLOUR.fullmatch(name) else ""


def _length(letters: str) -> int:
    end = 0
    for at, letter in enumerate(letters[: 4 * TAG_LENGTH]):
        if unicodedata.category(letter)[0] in "LMN":
            end = at + 1
        elif letter not in WITHIN or end != at:
            break
    return end


def _readable(body: str) -> str:
    """The text with code and URLs replaced by blanks, so that positions stay the same."""
    if "`" in body or "~~~" in body or "    " in body or "\t" in body:
        body = "\n".join(_without_code_blocks(body.split("\n")))
        parts = re.split(r"(\n[ \t]*\n)", body)
        body = "".join(_without_spans(part) if "`" in part else part for part in parts)
    return LINK.sub(lambda link: _blank(link[0]), body) if ":" in body or "](" in body else body


def _blank(text: str) -> str:
    return " " * len(text)


def _without_code_blocks(lines: list[str]) -> Iterator[str]:
    fence, quoted, follows_blank, in_list = "", False, True, False
    for line in lines:
        if fence and (not quoted or line.lstrip().startswith(">")):
            fence = "" if _closes(line, fence) else fence
            yield _blank(line)
            continue
        opening = FENCE.match(line)
        quoted, fence = (">" in opening[1], opening[2]) if opening else (False, "")
        is_code = follows_blank and not in_list and line.startswith(("    ", "\t"))
        yield _blank(line) if opening or is_code else line
        if not is_code:
            follows_blank = not line.strip()
            if not follows_blank and (not line.startswith(" ") or ITEM.match(line)):
                in_list = ITEM.match(line) is not None


def _closes(line: str, fence: str) -> bool:
    mark = line.strip(" \t>")
    return mark.startswith(fence) and not mark.strip(fence[0])


def _without_spans(text: str) -> str:
    """A code span ends with as many backticks as it begins with, in the same paragraph."""
    runs = [match.span() for match in re.finditer("`+", text)]
    ends: dict[int, list[int]] = {}
    for start, end in runs:
        ends.setdefault(end - start, []).append(end)
    kept, at = [], 0
    for start, end in runs:
        later = ends[end - start]
        closing = bisect_right(later, end)
        if start >= at and closing < len(later):
            kept += [text[at:start], _blank(text[start : later[closing]])]
            at = later[closing]
    return "".join([*kept, text[at:]])


def reference(model: str, column: str, name: str) -> Any:
    return fields.ForeignKeyField(
        model,
        source_field=column,
        db_constraint=True,
        to_field="id",
        related_name=name,
        on_delete=OnDelete.CASCADE,
    )


class Migration(migrations.Migration):
    dependencies = [("journal", "0009_stars")]

    initial = False

    operations = [
        ops.CreateModel(
            name="EntryTag",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("entry", reference("journal.Entry", "entry_id", "tag_rows")),
                ("user_id", fields.BigIntField()),
                ("day", fields.DateField()),
                ("key", fields.CharField(max_length=200)),
                ("name", fields.TextField(unique=False)),
            ],
            options={
                "table": "entry_tags",
                "app": "journal",
                "unique_together": (("entry", "key"),),
                "indexes": [Index(fields=["user_id", "key", "day", "entry_id"])],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Tag",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("user", reference("journal.User", "user_id", "tags")),
                ("key", fields.CharField(max_length=200)),
                ("name", fields.TextField(unique=False)),
                ("entries", fields.IntField()),
            ],
            options={
                "table": "tags",
                "app": "journal",
                "unique_together": (("user", "key"),),
                "indexes": [Index(fields=["user_id", "entries"])],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.RunPython(fill),
    ]
