"""HTML to Markdown: every word survives, looks as it did, and costs a bounded time."""

import re
import time
from html import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from journal.text import plain
from journal.transfer import html_tree
from journal.transfer.html_to_markdown import to_markdown

CASES = {
    "paragraphs": ("<p>One</p><p>two</p>", "One\n\ntwo"),
    "no end tags": ("<p>One<p>two", "One\n\ntwo"),
    "line breaks": ("one<br>two<br><br>three<br>", "one\ntwo\n\nthree"),
    "divs as lines": ("<div>one</div><div>two</div><div><br></div>", "one\n\ntwo"),
    "spaces of the source": ("<p>\n  so   it\n  is\n</p>", "so it is"),
    "headings": ("<h1>A<br>b</h1><h6>c</h6>", "# A b\n\n###### c"),
    "marks": ("<b>a</b> <i>b</i> <s>c</s> <code>d</code>", "**a** *b* ~~c~~ `d`"),
    "marks without spaces": ("see<b> this </b>now", "see **this** now"),
    "marks beside letters": ("<b>so.</b>Not a<i>(b)</i>c", "**so**.Not a(*b*)c"),
    "marks twice": ("<b><strong>a</strong></b>", "**a**"),
    "marks over paragraphs": ("<b>a<br><br>b</b>", "**a**\n\n**b**"),
    "misnested marks": ("<b>a <i>b</b> c</i>", "**a *b*** *c*"),
    "marks that Markdown can't write": ("<i>a</i><b>b<i>c</i></b>", "a**bc**"),
    "marks as styles": ('<span style="font-weight: 700">a</span>', "**a**"),
    "marks undone by styles": ('<b style="font-weight:normal">a</b>', "a"),
    "bullets": ("<ul><li>a</li><li>b</li></ul>c", "- a\n- b\n\nc"),
    "bullets without end tags": ("<ul><li>a<li>b<ul><li>c</ul><li>d</ul>", "- a\n- b\n  - c\n- d"),
    "numbers in numbers": ("<ol><li><ol><li>a</ol></ol>", "1.\n   1. a"),
    "empty items": ("<ol><li><li>a<li><br><li>b</ol>", "1. a\n2. b"),
    "a list right in a list": ("<ol><li>a</li><ul><li>b</li></ul><li>c</li></ol>", "1. a\n   - b\n2. c"),
    "numbers": ('<ol start="3"><li>a<li value="7">b</ol>', "3. a\n7. b"),
    "paragraphs in an item": ("<ul><li><p>a<p>b</ul>", "- a\n\n  b"),
    "checkboxes": ('<ul><li><input type="checkbox" checked>a<li><input type=checkbox>b', "- [x] a\n- [ ] b"),
    "checkboxes of an editor": ('<ol><li data-list=checked>a<li data-list=unchecked>b', "- [x] a\n- [ ] b"),
    "levels of an editor": ('<ul><li>a<li class="ql-indent-1">b</ul>', "- a\n  - b"),
    "quotes": ("<blockquote>a<p>b</blockquote><blockquote>c</blockquote>", "> a\n>\n> b\n\n> c"),
    "code": ("<pre>a\n  b\n```</pre>", "````\na\n  b\n```\n````"),
    "code with ticks": ("<code>a`b</code>", "``a`b``"),
    "a rule": ("a<hr>b", "a\n\n---\n\nb"),
    "a link": ('<a href="https://a.example/(b c)">d [e]</a>', r"[d \[e\]](https://a.example/%28b%20c%29)"),
    "a link to a script": ('<a href="javascript:alert(1)">a</a>', "a"),
    "an image": ('<img src="a b.png" alt="c">', "![c](a%20b.png)"),
    "an image in a link": ('<a href="https://a.example"><img src="b.png"></a>', "[![](b.png)](https://a.example)"),
    "an image in its address": ('a <img alt="b" src="data:image/png;base64,AAAA">', "a b"),
    "a table": ("<table><tr><th>a<th>b<tr><td>1|2<td>3</table>", "| a | b |\n| --- | --- |\n| 1\\|2 | 3 |"),
    "a table for the layout": ("<table><tr><td>a<td>b</table>", "a\n\nb"),
    "a table in a table": ("<table><tr><td>a<td>b<tr><td>c<td><table><tr><td>d</table></table>",
                           "| a | b |\n| --- | --- |\n| c | d |"),
    "entities": ("a&nbsp;b &amp;amp; &lt;b&gt; &copy;", r"a b \&amp; \<b> ©"),
    "nothing but spaces": ("<p>&nbsp;</p><p><br></p>", ""),
    "scripts": ("<script>a</script><style>b</style><title>c</title>d<!-- e -->", "d"),
    "half a tag": ("a <b", "a"),
    "no HTML": ("2 < 3 & 4 > 1", "2 < 3 & 4 > 1"),
    "invisible letters": ("a\u200bb\ufeff", "ab"),
    "half a letter": ("a\ud800b\0c", "a\ufffdb\ufffdc"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_html_becomes_the_markdown_one_would_type(name: str) -> None:
    html, markdown = CASES[name]
    assert to_markdown(html) == markdown


TYPED = [
    "# a",
    "## a #",
    "> a",
    "- a",
    "+ a",
    "* a",
    "1. a",
    "2) a",
    "---",
    "===",
    "***",
    "a\n---",
    "```",
    "~~~",
]
TYPED += [
    "*a*",
    "_a_",
    "**a**",
    "~~a~~",
    "`a`",
    "[a](b)",
    "![a](b)",
    "[a]: b",
    "[^1]: a",
    "[ ] a",
    "<b>",
    "&amp;",
]
TYPED += [
    "\\",
    "\\*",
    "a\\\nb",
    "a | b\n--- | ---",
    "https://a.example/_b_&amp;",
    "a *b",
    "2 * 3",
    "AT&T",
    "a_b_c",
]
TYPED += ["24. Dezember", "#tag", "a ~~ b", "**a", "!", "![", "]("]


@pytest.mark.parametrize(
    "place", ["<p>{}</p>", "<ul><li>{}</ul>", "<b>{}</b>", "<h2>{}</h2>", "<ol><li>{}</ol>"]
)
@pytest.mark.parametrize("typed", TYPED)
def test_text_that_looks_like_markdown_shows_as_it_was_typed(typed: str, place: str) -> None:
    html = place.format(escape(typed).replace("\n", "<br>"))
    assert shown(plain.to_html(to_markdown(html), "a")) == shown(html)


def test_plain_sentences_get_no_backslashes() -> None:
    typed = "Hi! It's 5 * 3 & a_b – (see #tag), [so] 10% <3 at https://a.example/b_c_d?e=f&g=1."
    assert to_markdown(f"<p>{escape(typed)}</p>") == typed


LETTERS = st.text(st.sampled_from("ab é語\u0627*_`~#>-+=!()[]|\\&;<.1 \n"), max_size=8)
SMALL = st.builds(
    "<{0}>{1}</{0}>".format, st.sampled_from(["b", "i", "s", "code", "u", "p>x<b"]), LETTERS.map(escape)
)
INLINE = st.lists(LETTERS.map(escape) | SMALL | st.just("<br>"), max_size=4).map("".join)
BLOCK = st.builds("<{0}>{1}</{0}>".format, st.sampled_from(["p", "div", "h2", "pre", "blockquote"]), INLINE)
LIST = st.builds("<{0}><li>x{1}<li>y{2}</{0}>".format, st.sampled_from(["ul", "ol"]), INLINE, BLOCK)


@settings(max_examples=100, derandomize=True, database=None, deadline=None)
@given(st.lists(INLINE | BLOCK | LIST, max_size=3).map("".join))
def test_every_word_of_html_is_shown_again(html: str) -> None:
    """Only letters are compared, because a mark that can't be written in Markdown may show."""
    assert letters(plain.to_html(to_markdown(html), "a")) == letters(html)


def shown(html: str) -> str:
    body = LexborHTMLParser(f"<body>{html}").body
    return re.sub(r"[\s\u2003]+", "", body.text()) if body else ""


def letters(html: str) -> str:
    return re.sub(r"[\W\d_]+", "", shown(html))


HOSTILE = {
    "open divs": "<div>" * 100_000,
    "open marks": "<b>a" * 100_000,
    "open quotes": "<blockquote>" * 50_000,
    "open lists": "<ul><li>" * 20_000,
    "marks of every paragraph": "<p>" + "".join(f"<font a={n}>" for n in range(300)) + "<p>a" * 20_000,
    "end tags in attributes": '<div><p title="</div>">' * 10_000,
    "end tags in comments": "<div><!--</div>-->" * 50_000,
    "end tags beyond a table": "<div><table><td></div></table>" * 10_000,
    "open tables": "<table><tr><td>" * 20_000,
    "open scripts": "<script " * 100_000,
    "half tags": "<a b='" * 100_000,
    "attributes": "<p " + " ".join(f"a{n}" for n in range(100_000)) + ">",
    "line breaks": "a<br>" * 10_000,
    "stars": "*" * 200_000,
    "brackets": "![" * 100_000,
    "levels that fit": "<blockquote>" * 1_500 + "<p>a",
    "marks of one paragraph": "<i>a</i>b" * 3_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_html_takes_no_more_than_seconds(name: str) -> None:
    start = time.process_time()
    markdown = to_markdown(HOSTILE[name] + "the end")
    assert time.process_time() - start < 5
    assert len(markdown) < 4 * len(HOSTILE[name])


DEEP = ["open divs", "open quotes", "open lists", "marks of every paragraph", "end tags in attributes"]
DEEP += ["end tags beyond a table", "open tables", "attributes"]


@pytest.mark.parametrize("name", DEEP)
def test_no_tree_is_built_of_html_that_would_be_too_deep(name: str) -> None:
    assert html_tree.parsed(HOSTILE[name]) is None


def test_words_within_100000_open_tags_survive() -> None:
    assert to_markdown("<p>one</p>" + "<div>" * 100_000 + "# two &amp; three") == "one\n\n\\# two & three"
