"""Documents: what they link to, and each file and module that they name, is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]
LINK = re.compile(r"\]\(([^)#\s]+)[^)]*\)|<img src=\"([^\"]+)\"")
NAMED = re.compile(r"`((?:journal|tests|static|templates|docs|\.ci)/[\w./-]*)")

Documents = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))


@Documents
def test_links_lead_to_files(document: Path) -> None:
    found = {link or image for link, image in LINK.findall(document.read_text(encoding="utf-8"))}
    local = {link for link in found if "://" not in link}
    assert not [link for link in local if not (document.parent / link).exists()]


@Documents
def test_files_that_a_document_names_are_there(document: Path) -> None:
    named = set(NAMED.findall(document.read_text(encoding="utf-8")))
    assert not [name for name in named if not (ROOT / name.rstrip(".")).exists()]


def test_decisions_have_numbers_of_their_own_without_a_gap() -> None:
    decisions = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    numbers = [int(decision.name[:4]) for decision in decisions]
    assert numbers == list(range(1, len(decisions) + 1))
    for decision in decisions:
        assert decision.read_text(encoding="utf-8").startswith(f"# {int(decision.name[:4])}. ")
