"""Texts are shown as their writers meant them, where CommonMark would mean something else (decision 15)."""

import re
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from journal.text import markdown
from journal.text.plain import to_html

UID = "3f2b8c1e-0000-4000-8000-000000000001"


def html(body: str) -> str:
    """Without line breaks and directions."""
    return re.sub(r' dir="auto"|\n', "", to_html(body, UID))


# Emphasis where no spaces stand around words.

EMPHASIS = {"*": ["em"], "**": ["strong"], "***": ["em", "strong"], "_": ["em"], "~~": ["s"]}
UNSPACED = {
    "Chinese": ("这是", "重要", "所以"),
    "Japanese": ("これは", "重要なこと", "です"),
    "half-width kana": ("カナ", "ﾊﾝｶｸ", "カナ"),
    "bopomofo": ("ㄅㄆ", "ㄇㄈ", "ㄉ"),
    "Korean": ("이것은", "마크다운", "을"),
    "Thai": ("นี่คือ", "สำคัญ", "มาก"),
    "Khmer": ("នេះ", "សំខាន់", "ណាស់"),
}
SPACED = {
    "German": ("sagte", "Hallo", "laut"),
    "Russian": ("Он", "привет", "да"),
    "Greek": ("είπε", "γεια", "ναι"),
}
BRACKETS = [
    "「」",
    "『』",
    "（）",
    "《》",
    "〈〉",
    "【】",
    "〔〕",
    "［］",
    "｛｝",
    "“”",
    "‘’",
    '""',
    "()",
    "[]",
    "——",
]
ENDINGS = [" 。", " ！", " ？", " 、", " …", " ：", " ；", " ，", " 。\ufe00"]
QUOTES = ["„“", "„”", "»«", "«»", "“”", "””", "»»", "‚‘", "‘’", "›‹", "‹›"]


def emphasised(mark: str, words: str) -> str:
    opening = "".join(f"<{tag}>" for tag in EMPHASIS[mark])
    closing = "".join(f"</{tag}>" for tag in reversed(EMPHASIS[mark]))
    return f"{opening}{words}{closing}"


FORMS = list(product(EMPHASIS, UNSPACED.values(), [*BRACKETS, *ENDINGS]))
FORMS += product(EMPHASIS, SPACED.values(), QUOTES)
# An underscore between two letters belongs to a name, as everywhere.
FORMS = [(mark, words, pair) for mark, words, pair in FORMS if not (mark == "_" and pair[0] == " ")]


def test_emphasis_beside_punctuation_needs_no_spaces() -> None:
    """Once, twice in a line, and at either end of it."""
    assert len(FORMS) > 900
    for mark, (before, words, after), pair in FORMS:
        inner = f"{pair[0].strip()}{words}{pair[1:]}"
        typed, meant = f"{mark}{inner}{mark}", emphasised(mark, inner)
        for text in (
            f"{before}{{0}}{after}",
            f"{before}{{0}}{after}{{0}}{after}",
            f"{{0}}{after}",
            f"{before} {{0}}",
        ):
            assert html(text.format(typed)) == f"<p>{text.format(meant)}</p>", typed


@pytest.mark.parametrize(
    ("body", "meant"),
    [
        ("这是**我想做的事。**所以", "这是<strong>我想做的事。</strong>所以"),
        ("**„Hallo“**laut", "<strong>„Hallo“</strong>laut"),
        ("**太字「*斜体*」**です", "<strong>太字「<em>斜体</em>」</strong>です"),
        ("*は「*重要*」だ*", "<em>は「<em>重要</em>」だ</em>"),
        ("*他说“*你好*”吧*", "<em>他说“<em>你好</em>”吧</em>"),
        ("**テスト**。テスト", "<strong>テスト</strong>。テスト"),
        ("문서 **마크다운(Markdown)**을 쓰다", "문서 <strong>마크다운(Markdown)</strong>을 쓰다"),
        ("je **l’*été* rouge**", "je <strong>l’<em>été</em> rouge</strong>"),
        ("文件_名称_的", "文件_名称_的"),
        ('a**"b"**c', 'a**"b"**c'),
        ("**" * 20 + "字", "**" * 20 + "字"),
    ],
)
def test_emphasis_is_where_it_was_meant(body: str, meant: str) -> None:
    assert html(body) == f"<p>{meant}</p>"


STOCK = MarkdownIt("commonmark", {"html": False}).enable("strikethrough")
PIECES = [
    "*",
    "**",
    "***",
    "_",
    "__",
    "~~",
    "a",
    "b c",
    " ",
    "(",
    ")",
    ".",
    '"',
    "'",
    "-",
    "£",
    "é",
    "`",
    "\n",
]


@settings(max_examples=1000, derandomize=True, database=None)
@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
def test_without_such_letters_emphasis_is_that_of_commonmark(body: str) -> None:
    text = f"a{body}b"
    ours = markdown.MARKDOWN.parseInline(text, {"steps": 0})[0].children
    stock = STOCK.parseInline(text)[0].children
    assert STOCK.renderer.renderInline(ours, STOCK.options, {}) == STOCK.renderer.renderInline(
        stock, STOCK.options, {}
    )


# Tasks.

BOX = '<input disabled="" type="checkbox" aria-label="to do" class="task-list-item-checkbox">'


@pytest.mark.parametrize(
    ("body", "items"),
    [
        ("- [ ] a\n- [ ] b", [f"{BOX} a", f"{BOX} b"]),
        ("- [ ] a\n\n- [ ] b", [f"<p>{BOX} a</p>", f"<p>{BOX} b</p>"]),
        ("- [ ] a\n- b", [f"{BOX} a", "b"]),
        ("- [ ] a\n\n  more", [f"<p>{BOX} a</p><p>more</p>"]),
        ("1. [ ] a\n2. b", [f"{BOX} a", "b"]),
        ("- [ ] # a", [f"<h3>{BOX} a</h3>"]),
        ("- [ ] > a", [f"{BOX} <blockquote><p>a</p></blockquote>"]),
        ("- [ ] *a*", [f"{BOX} <em>a</em>"]),
        ("- [ ]", ["[ ]"]),
    ],
)
def test_the_box_of_a_task_stands_before_its_words(body: str, items: list[str]) -> None:
    found = html(body).replace(BOX.replace(' class="task-list-item-checkbox"', ""), BOX)
    boxes = re.sub(r"<input[^>]*>", BOX, found)
    assert re.findall(r"<li[^>]*>(.*?)</li>", boxes) == items


def test_plain_items_among_tasks_are_told_apart() -> None:
    assert re.findall(r"<li[^>]*>", html("- [ ] a\n- b\n  - [x] c")) == [
        '<li class="task-list-item">',
        "<li>",
        '<li class="task-list-item">',
    ]


# Numbers and dates.


@pytest.mark.parametrize(
    ("body", "meant"),
    [
        ("24. Dezember kalt\n26. Dezember warm", "<p>24. Dezember kalt<br>26. Dezember warm</p>"),
        ("24. Dezember\n\n26. Dezember", "<p>24. Dezember</p><p>26. Dezember</p>"),
        ("24. Dezember\n\nText\n\n25. Dezember", "<p>24. Dezember</p><p>Text</p><p>25. Dezember</p>"),
        ("1986.\n1990.", "<p>1986.<br>1990.</p>"),
        ("1986. Ein Jahr\n1987. Noch eins", "<p>1986. Ein Jahr<br>1987. Noch eins</p>"),
        ("1. 5. 2024 war Mittwoch", "<p>1. 5. 2024 war Mittwoch</p>"),
        ("03. Mai", "<p>03. Mai</p>"),
        ("> 24. Mai", "<blockquote><p>24. Mai</p></blockquote>"),
        ("- 24. Mai", "<ul><li>24. Mai</li></ul>"),
        ("7) sieben", "<p>7) sieben</p>"),
        ("1. a\n2. b", "<ol><li>a</li><li>b</li></ol>"),
        ("0. a\n1. b", '<ol start="0"><li>a</li><li>b</li></ol>'),
        ("1. a\n1. b\n1. c", "<ol><li>a</li><li>b</li><li>c</li></ol>"),
        ("4. a\n5. b\n6. c", '<ol start="4"><li>a</li><li>b</li><li>c</li></ol>'),
        ("1. a\n2. b\n4. d\n5. e", '<ol><li>a</li><li>b</li><li value="4">d</li><li>e</li></ol>'),
        ("3. a\n2. b\n1. c", "<p>3. a<br>2. b<br>1. c</p>"),
        ("4. a\n\n   more\n\n5. b", '<ol start="4"><li><p>a</p><p>more</p></li><li><p>b</p></li></ol>'),
        ("1. a\n   1. b\n   2. c", "<ol><li>a<ol><li>b</li><li>c</li></ol></li></ol>"),
    ],
)
def test_numbers_at_the_beginning_of_a_line_are_shown_as_written(body: str, meant: str) -> None:
    assert html(body) == meant


# Spaces.


@pytest.mark.parametrize("space", ["\u3000", "\u2003", "\u2002", "\u00a0", "\u202f", "\u1680", "\u205f"])
@pytest.mark.parametrize("before", ["", "- ", "> ", "1. ", "a\n\n"])
def test_wide_spaces_at_the_beginning_of_a_line_stay(before: str, space: str) -> None:
    body = f"{before}{space}一行\n{'  ' if before == '- ' else '   ' if before == '1. ' else ''}{space}二行"
    found = html(body).replace("&nbsp;", "\u00a0")
    assert f">{space}一行<br>{space}二行<" in found


@pytest.mark.parametrize(
    ("body", "meant"),
    [
        ("    a line", "<p>\u2003a line</p>"),
        ("\ta line\n\tand *one*", "<p>\u2003a line<br>\u2003and <em>one</em></p>"),
        ("a\n        b", "<p>a<br>\u2003\u2003b</p>"),
        ("  a\n   b", "<p>a<br>b</p>"),
        ("-      a", "<ul><li>a</li></ul>"),
        ("a\n\n    - b", "<p>a</p><ul><li>b</li></ul>"),
        ("    ```\n    b\n    ```", "<pre><code>b\n</code></pre>".replace("\n", "")),
        ("- a\n\n      b", "<ul><li><p>a</p><p>\u2003b</p></li></ul>"),
    ],
)
def test_four_spaces_are_an_indent(body: str, meant: str) -> None:
    assert html(body) == meant


# Lines.


@pytest.mark.parametrize(
    ("body", "meant"),
    [
        ("a\n---\nb", "<p>a</p><hr><p>b</p>"),
        ("a\nb\n-----", "<p>a<br>b</p><hr>"),
        ("- a\n---\nb", "<ul><li>a</li></ul><hr><p>b</p>"),
        ("a\n-", "<p>a<br>-</p>"),
        ("a\n--", "<p>a<br>--</p>"),
        ("a\n===", "<h3>a</h3>"),
        ("```\na\n---\n```", "<pre><code>a---</code></pre>"),
        (
            "|a|\n|---|\n|b|",
            "<table><thead><tr><th>a</th></tr></thead><tbody><tr><td>b</td></tr></tbody></table>",
        ),
        ("#", "<p>#</p>"),
        ("a\n##\nb", "<p>a<br>##<br>b</p>"),
        ("# #", "<p># #</p>"),
        ("# a #", "<h3>a</h3>"),
    ],
)
def test_dashes_under_a_line_are_a_rule_and_a_lone_mark_is_shown(body: str, meant: str) -> None:
    assert html(body) == meant
