"""The schema of our JSON format and what is written."""

import json
from pathlib import Path
from typing import Any

from hypothesis import given, settings

from journal.transfer.writers import json as json_writer
from tests.transfer.formats import exported
from tests.transfer.formats.exported import attachment, entry, written

SCHEMA = json.loads((Path(__file__).parents[3] / "docs" / "export.schema.json").read_text(encoding="utf-8"))
TYPES: dict[str, Any] = {
    "object": dict,
    "array": list,
    "string": str,
    "number": (int, float),
    "integer": int,
    "boolean": bool,
    "null": type(None),
}


def faults(value: Any, schema: dict[str, Any], at: str = "") -> list[str]:
    """Where the value breaks the schema, by the keywords that the schema uses."""
    if "$ref" in schema:
        schema = SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]]
    types = schema.get("type", list(TYPES))
    types = [types] if isinstance(types, str) else types
    if not any(isinstance(value, TYPES[name]) for name in types):
        return [f"{at} is {value!r}"]
    if value not in schema.get("enum", [value]) or value != schema.get("const", value):
        return [f"{at} is {value!r}"]
    found = []
    if isinstance(value, list):
        found = [fault for one in value for fault in faults(one, schema["items"], f"{at}[]")]
    if isinstance(value, dict):
        found = [f"{at}.{name} is missing" for name in schema["required"] if name not in value]
        found += [f"{at}.{name} is unknown" for name in value if name not in schema["properties"]]
        for name in value.keys() & schema["properties"].keys():
            found += faults(value[name], schema["properties"][name], f"{at}.{name}")
    return found


@settings(max_examples=20, derandomize=True, database=None, deadline=None)
@given(exported.entries())
def test_what_is_written_follows_the_schema(given: exported.ExportedEntry) -> None:
    whole = [given, entry(attachments=(attachment(9),))]
    assert not faults(json.loads(written(json_writer, whole)), SCHEMA)
