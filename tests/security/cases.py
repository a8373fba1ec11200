"""How an attack is named: each variant has a readable id, which the table in docs/security.md shows."""

from collections.abc import Mapping
from typing import Any

import pytest


def each(names: str, values: Mapping[str, Any]) -> pytest.MarkDecorator:
    """One test for each value, by its name: @each("token", {"without a dot": "abc"})."""
    return pytest.mark.parametrize(names, list(values.values()), ids=list(values))
