"""The table of figures in docs/promises.md takes what a soak test has counted."""

import pytest

from tests.figures import HEADING, with_figures

PAGE = f"""# Promises
{HEADING}
| what | SQLite | PostgreSQL |
|---|---|---|
| 200 kills | none lost | none lost |
| 25 crashes | | one lost |

The rest.
"""


@pytest.mark.parametrize(
    ("figure", "row"),
    [
        (("200 kills", "sqlite", "1 lost"), "| 200 kills | 1 lost | none lost |"),
        (("25 crashes", "postgres", "none lost"), "| 25 crashes | | none lost |"),
        (("7 floods", "sqlite", "none | lost"), "| 7 floods | none / lost | |"),
    ],
)
def test_a_figure_goes_into_its_row_or_a_new_one_and_the_rest_stays(
    figure: tuple[str, str, str], row: str
) -> None:
    lines = with_figures(PAGE, [figure]).splitlines()
    assert row in lines
    assert {line for line in PAGE.splitlines() if not line.startswith(f"| {figure[0]}")} <= set(lines)
    assert with_figures(PAGE, []) == PAGE
