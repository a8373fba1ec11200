"""Scripts use only what the browsers of docs/decisions/0018-script-baseline.md understand."""

import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import esprima
import pytest

from journal.web.assets import folder

# ECMAScript 2022. A node that is not named here is syntax that is newer, or that nobody has looked up yet.
KINDS = """
ArrayExpression ArrayPattern ArrowFunctionExpression AssignmentExpression AssignmentPattern AwaitExpression
BinaryExpression BlockStatement BreakStatement CallExpression CatchClause ChainExpression ClassBody
ClassDeclaration ClassExpression ConditionalExpression ContinueStatement DoWhileStatement EmptyStatement
ExportDefaultDeclaration ExportNamedDeclaration ExportSpecifier ExpressionStatement FieldDefinition
ForInStatement ForOfStatement ForStatement FunctionDeclaration FunctionExpression Identifier IfStatement
Import ImportDeclaration ImportDefaultSpecifier ImportNamespaceSpecifier ImportSpecifier Literal
LogicalExpression MemberExpression MetaProperty MethodDefinition NewExpression ObjectExpression
ObjectPattern PrivateIdentifier Program Property RestElement ReturnStatement SpreadElement StaticBlock
SwitchCase SwitchStatement TaggedTemplateExpression TemplateElement TemplateLiteral ThisExpression
ThrowStatement TryStatement UnaryExpression UpdateExpression VariableDeclaration VariableDeclarator
WhileStatement YieldExpression
"""
SYNTAX = set(KINDS.split())
FLAGS = set("dgimsuy")
MODIFIERS = re.compile(r"\(\?(?:[ims]+(?:-[ims]*)?|-[ims]+):")  # (?i:…), of Firefox 132
# What Chrome 111, Firefox 115 or Safari 16.4 lacks, and which version of it is the first that does not.
LATER = {
    "Firefox 119": "role ariaChecked ariaCurrent ariaExpanded ariaHidden ariaLabel ariaLive ariaPressed",
    "Firefox 120": "userActivation",
    "Firefox 123": "setHTMLUnsafe",
    "Firefox 124": "AbortSignal.any",
    "Firefox 125": "Intl.Segmenter showPopover hidePopover togglePopover",
    "Firefox 126": "databases URL.parse",
    "Firefox 127": "union intersection difference symmetricDifference isSubsetOf isSupersetOf isDisjointFrom",
    "Firefox 133": "Uint8Array.fromBase64 toBase64 Uint8Array.fromHex toHex",
    "Firefox 134": "Promise.try RegExp.escape",
    "Firefox 144": "startViewTransition",
    "Chrome 117": "Object.groupBy Map.groupBy",
    "Chrome 119": "Promise.withResolvers",
    "Chrome 120": "URL.canParse",
    "Chrome 121": "Array.fromAsync",
    "Safari 17.4": "checkVisibility",
    "no Safari": "requestIdleCallback",
    "not all of them": "Temporal scheduler moveBefore setHTML requestClose CloseWatcher EditContext",
}
NAMES = {name: version for version, names in LATER.items() for name in names.split()}
SCRIPTS = sorted(folder("static").rglob("*.js"))


def nodes(tree: Any) -> Iterator[dict[str, Any]]:
    """Every node of a syntax tree, whatever it hangs from."""
    if isinstance(tree, list):
        for part in tree:
            yield from nodes(part)
    elif isinstance(tree, dict):
        if isinstance(tree.get("type"), str):
            yield tree
        for part in tree.values():
            yield from nodes(part)


def beyond(script: str) -> list[str]:
    """What the oldest browser of the baseline would refuse, or not find."""
    try:
        with warnings.catch_warnings(action="ignore"):  # Python's opinion about [[ in a regular expression
            tree = esprima.toDict(esprima.parseModule(script))
    except esprima.Error as error:
        return [f"syntax: {error}"]
    return [trouble for node in nodes(tree) for trouble in (*_syntax(node), *_patterns(node), *_names(node))]


def _syntax(node: dict[str, Any]) -> Iterator[str]:
    if node["type"] not in SYNTAX:
        yield f"syntax: {node['type']}"
    if node["type"] == "VariableDeclaration" and node["kind"] not in ("const", "let", "var"):
        yield f"syntax: {node['kind']}"
    if node.get("attributes"):
        yield "syntax: attributes of an import"


def _patterns(node: dict[str, Any]) -> Iterator[str]:
    """Regular expressions; the flags of one that is made by RegExp() have to be written there."""
    if node.get("regex"):
        pattern, flags = node["regex"]["pattern"], node["regex"]["flags"]
    elif _text(node.get("callee")) == "RegExp":
        pattern, flags = "", "".join(str(flag.get("value", "?")) for flag in node["arguments"][1:])
    else:
        return
    if set(flags) - FLAGS:
        yield f"flags of a regular expression: {flags}"
    if MODIFIERS.search(pattern):
        yield f"modifiers in a regular expression: {pattern}"


def _names(node: dict[str, Any]) -> Iterator[str]:
    """Names that came later, unless a browser without them is thought of: `a.b?.()` and `a.b ?? c`."""
    if node["type"] in ("CallExpression", "NewExpression"):
        asked = [] if node.get("optional") else [node["callee"]]
    elif node["type"] == "AssignmentExpression":
        asked = [node["left"]]
    elif node["type"] == "MemberExpression":
        asked = [node["object"]]
    elif node["type"] == "Property" and not node["computed"]:
        asked = [node["key"]]
    else:
        return
    for name in filter(None, map(_text, asked)):
        found = NAMES.get(name) or NAMES.get(name.rpartition(".")[2])
        if found:
            yield f"{name}: {found}"


def _text(node: dict[str, Any] | None) -> str:
    """`URL.parse` of such a node; of a longer chain the last two names."""
    if node and node["type"] == "Identifier":
        return str(node["name"])
    if node and node["type"] == "MemberExpression" and not node["computed"]:
        owner = _text(node["object"]).rpartition(".")[2]
        return f"{owner}.{node['property'].get('name')}"
    return ""


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_a_script_asks_for_nothing_beyond_the_baseline(script: Path) -> None:
    assert beyond(script.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "script",
    [
        "/[a--b]/v.test(a);",
        'new RegExp("a", "giv");',
        "RegExp(a, flags);",
        "/(?i:a)b/.test(c);",
        "using file = open();",
        "await using file = open();",
        'import data from "./data.json" with { type: "json" };',
        "class A { @logged method() {} }",
        "indexedDB.databases().then(look);",
        "const found = await indexedDB.databases();",
        "button.ariaPressed = true;",
        'Object.assign(button, { ariaLabel: "Close" });',
        "Object.groupBy(entries, day);",
        "const { promise } = Promise.withResolvers();",
        "new Intl.Segmenter();",
        "if (box.checkVisibility()) show();",
        "scheduler.postTask(count);",
        "URL.parse(address);",
    ],
)
def test_what_is_beyond_the_baseline_is_refused(script: str) -> None:
    assert beyond(script)


@pytest.mark.parametrize(
    "script",
    [
        "const found = await indexedDB.databases?.();",
        "const idle = window.requestIdleCallback ?? setTimeout;",
        "JSON.parse(text); Date.parse(day);",
        "class A { #key = 1; static { A.ready = true; } has(b) { return b?.c ?? (b ||= 1); } }",
        "/(?<=a)(?:b)(?=c)/dgimsuy.test(d);",
    ],
)
def test_what_those_browsers_have_or_are_asked_for_is_not_refused(script: str) -> None:
    assert beyond(script) == []
