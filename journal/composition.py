"""Composition root: registers the kinds of derived data. Each program that writes entries imports it."""

from journal.derived import contract
from journal.derived.contract import DerivedData
from journal.entries import day_counts, hour_counts
from journal.search import search_index
from journal.tags import tag_index

DERIVED: tuple[DerivedData, ...] = (search_index, day_counts, hour_counts, tag_index)

contract.register(DERIVED)
