"""Markdown renderer: CommonMark with tables, task lists and footnotes, in which every line break counts."""

import re
from collections.abc import Iterator, Sequence
from types import SimpleNamespace

from markdown_it import MarkdownIt, helpers
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.footnote.index import render_footnote_anchor

from journal.text import markdown_blocks, markdown_emphasis, markdown_parser
from journal.text.sanitizer import DIRECTED, REL, is_attachment, is_link, is_outside

OPTIONS = {
    "html": False,
    "breaks": True,
    "xhtmlOut": False,
    "tasklists": True,
    "maxNesting": markdown_parser.DEPTH,
}
UNUSED = ["code", "lheading", "html_block", "html_inline"]  # see blocks
UNSAFE = re.compile(r'[\x00-\x20"<>\\^`{|}]')


def render(body: str, prefix: str) -> str:
    """HTML before the sanitizer. The prefix begins the ids of footnotes. Raises TooMuch."""
    env: EnvType = {"steps": 0, "docId": re.sub(r"[^A-Za-z0-9-]", "", prefix)[:64]}
    html: str = MARKDOWN.renderer.render(_tokens(body, env), MARKDOWN.options, env)
    return html


def words(body: str) -> str:
    """The text without marks of Markdown. Raises TooMuch, after fewer steps than `render`."""
    pieces = (
        _words(token.children) if token.children else token.content
        for token in _tokens(body, {"steps": markdown_parser.STEPS - 10_000})
        if token.type in ("inline", "fence", "text")
    )
    return " ".join(pieces)


def _tokens(body: str, env: EnvType) -> list[Token]:
    markdown_parser.check(body)
    return MARKDOWN.parse(body, env)


def _words(children: Sequence[Token] | None) -> str:
    return WRITER.renderInlineAsText(children, MARKDOWN.options, {})


def _finish(state: StateCore) -> None:
    markdown_blocks.put_boxes(state.tokens)
    _outline(state.tokens)
    _direct(state.tokens)
    for token in state.tokens:
        if token.children:
            token.children = list(_linked(token.children, state.env))


def _outline(tokens: list[Token]) -> None:
    """Headings start at h3, below those of page and entry, and no level is left out."""
    above: list[str] = []
    for opening, closing in zip(tokens, tokens[2:], strict=False):
        if opening.type == "heading_open":
            above = [tag for tag in above if tag < opening.tag] + [opening.tag]
            opening.tag = closing.tag = f"h{min(len(above) + 2, 6)}"


def _direct(tokens: list[Token]) -> None:
    """Each block gets dir="auto", except the first block inside another: the outer block takes its
    direction from it, which ignores blocks that have a dir of their own. An Arabic quote would have its
    bar on the left."""
    led = False
    for token in tokens:
        if align := token.attrs.pop("style", None):
            token.attrs["align"] = str(align).removeprefix("text-align:")
        if token.tag in DIRECTED | {"code"} and token.nesting >= 0 and not token.hidden:
            if not led:
                token.attrs["dir"] = "auto"
            led = token.nesting > 0
        elif token.nesting <= 0:
            led = False


def _linked(children: list[Token], env: EnvType) -> Iterator[Token]:
    """Adds rel to links. Images of other sites become links, as loading them would reveal who reads."""
    within = False
    for child in children:
        if child.attrs:
            markdown_parser.spend(env, sum(len(str(value)) for value in child.attrs.values()) // 20)
        if child.tag == "a":
            within = child.nesting > 0
            if is_outside(str(child.attrs.get("href"))):
                child.attrs["rel"] = REL
        if child.type == "image" and not is_attachment(str(child.attrs["src"])):
            yield from _picture_link(child, within)
        else:
            if child.type == "image":
                child.attrs["loading"] = "lazy"
            yield child


def _picture_link(picture: Token, within: bool) -> list[Token]:
    title = {"title": picture.attrs["title"]} if "title" in picture.attrs else {}
    attrs = {"href": picture.attrs["src"], **title, "rel": REL}
    text = Token("text", "", 0, content=_words(picture.children).strip() or str(attrs["href"]))
    if within:
        return [text]
    return [Token("link_open", "a", 1, attrs=attrs), text, Token("link_close", "a", -1)]


def _code(self: RendererHTML, tokens: Sequence[Token], at: int, options: OptionsDict, env: EnvType) -> str:
    return f"<pre{self.renderAttrs(tokens[at])}><code>{escapeHtml(tokens[at].content)}</code></pre>\n"


def _list_item(
    self: RendererHTML, tokens: Sequence[Token], at: int, options: OptionsDict, env: EnvType
) -> str:
    box = _box(self, tokens, at, options, env) if "checked" in tokens[at].meta else ""
    return self.renderToken(tokens, at, options, env) + box


def _box(self: RendererHTML, tokens: Sequence[Token], at: int, options: OptionsDict, env: EnvType) -> str:
    state = 'aria-label="done" checked' if tokens[at].meta["checked"] else 'aria-label="to do"'
    return f'<input class="task-list-item-checkbox" type="checkbox" disabled {state}> '


def _notes(self: RendererHTML, tokens: Sequence[Token], at: int, options: OptionsDict, env: EnvType) -> str:
    return '<section class="footnotes">\n<ol class="footnotes-list">\n'


def _way_back(
    self: RendererHTML, tokens: Sequence[Token], at: int, options: OptionsDict, env: EnvType
) -> str:
    html = render_footnote_anchor(self, tokens, at, options, env)
    return html.replace(" class=", ' aria-label="Back to the text" class=')


class _Markdown(MarkdownIt):
    def __init__(self) -> None:
        super().__init__("commonmark", OPTIONS)
        known = {name: getattr(helpers, name) for name in helpers.__all__}
        self.helpers = SimpleNamespace(**known | {"parseLinkLabel": markdown_parser.link_label})  # type: ignore[assignment]

    def normalizeLink(self, url: str) -> str:
        """The address as it was typed, with only invalid characters escaped; browsers accept all letters."""
        return UNSAFE.sub(lambda found: f"%{ord(found[0]):02X}", url)

    def normalizeLinkText(self, link: str) -> str:
        return link

    def validateLink(self, url: str) -> bool:
        """An invalid link is left as it was typed."""
        return is_link(url)


def _parser() -> MarkdownIt:
    md = _Markdown().enable("table").disable(UNUSED)
    md.inline.ruler2.enable("strikethrough")
    md.use(footnote_plugin, inline=False)
    _add_rules(md)
    rules = {"fence": _code, "list_item_open": _list_item, "task_box": _box}
    rules |= {"footnote_block_open": _notes, "footnote_anchor": _way_back}
    for name, rule in rules.items():
        md.add_render_rule(name, rule)
    md.parse("*", {"steps": 0})  # compiles the rules, which two threads must not do at the same time
    return md


def _add_rules(md: MarkdownIt) -> None:
    ends = ["paragraph", "reference"]  # blocks that such a block may interrupt
    md.block.ruler.before("table", "step", markdown_parser.block_step, {"alt": [*ends, "blockquote", "list"]})
    md.block.ruler.at("table", markdown_parser.table, {"alt": ends})
    md.block.ruler.at("blockquote", markdown_parser.quote, {"alt": [*ends, "blockquote", "list"]})
    md.block.ruler.at("footnote_def", markdown_parser.note_definition, {"alt": ends})
    md.block.ruler.at("list", markdown_blocks.listing, {"alt": [*ends, "blockquote"]})
    md.block.ruler.at("heading", markdown_blocks.heading, {"alt": [*ends, "blockquote"]})
    md.block.ruler.at("paragraph", markdown_blocks.paragraph)
    md.inline.ruler.at("emphasis", markdown_emphasis.delimiters)
    md.inline.ruler.before("text", "step", markdown_parser.inline_step)
    md.inline.ruler.after("text", "bare_address", markdown_parser.bare_address)
    md.inline.ruler.at("footnote_ref", markdown_parser.note_reference)
    md.core.ruler.after("inline", "unused_notes", markdown_parser.keep_unused_notes)
    md.core.ruler.push("finish", _finish)


WRITER = RendererHTML()
MARKDOWN = _parser()
