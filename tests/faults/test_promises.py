"""docs/promises.md says what happens at each fault, and the tests that it names are there."""

import ast
import re
from functools import cache
from typing import NamedTuple

from tests.servers import ROOT

ROW = re.compile(r"^\| (\d+) \| (.+?) \| (.+?) \| (.+?) \|$", re.MULTILINE)
TEST = re.compile(r"`(tests/[a-z_/]+\.py)::(test_\w+)`")


class Row(NamedTuple):
    number: int
    fault: str
    outcome: str
    shown: str


@cache
def promises() -> list[Row]:
    text = (ROOT / "docs" / "promises.md").read_text(encoding="utf-8")
    return [Row(int(number), *rest) for number, *rest in ROW.findall(text)]


@cache
def named_in(file: str) -> set[str]:
    place = ROOT / file
    tree = ast.parse(place.read_text(encoding="utf-8") if place.exists() else "")
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_every_promise_names_a_test() -> None:
    assert promises()
    assert not [row for row in promises() if not TEST.search(row.shown)]


def test_every_test_that_a_promise_names_exists() -> None:
    named = [(file, test) for row in promises() for file, test in TEST.findall(row.shown)]
    assert not [(file, test) for file, test in named if test not in named_in(file)]


def test_all_faults_stand_there_once_and_in_order() -> None:
    numbers = [row.number for row in promises()]
    assert numbers == sorted(set(numbers))
    assert numbers[:65] == list(range(1, 66))
