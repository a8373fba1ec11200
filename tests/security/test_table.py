"""The table in docs/security.md is the suite's own."""

from tests.security import table


def test_the_table_in_the_documentation_is_that_of_the_suite() -> None:
    _, inside, _ = table.split()
    assert inside == table.table(), "run `python -m tests.security.table` and look at what it changes"


def test_there_are_at_least_150_attacks_and_each_says_its_answer() -> None:
    found = list(table.attacks())
    assert sum(attack.count for attack in found) >= 150
    assert not [attack.name for attack in found if not attack.answer]


def test_no_two_attacks_have_one_name() -> None:
    names = [attack.name for attack in table.attacks()]
    assert len(names) == len(set(names))


def test_every_file_of_attacks_has_a_theme() -> None:
    themes = {attack.file: attack.theme for attack in table.attacks()}
    files = {file.name for file in table.FOLDER.glob("test_*.py")} - {"test_table.py"}
    assert set(themes) == files
    assert len(set(themes.values())) == len(files)
