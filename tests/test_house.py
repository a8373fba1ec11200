"""The rules of the house (docs and design say why), kept by reading the code itself."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from tortoise.context import TortoiseContext
from tortoise.migrations.autodetector import MigrationAutodetector

from journal import database

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "journal"

FEATURES = ["text", "derived", "accounts", "sessions", "tags", "search", "attachments", "entries"]
FEATURES += ["entry_templates", "prompts", "days", "statistics", "jobs", "transfer", "backups"]
# What every feature may use, each of these only what stands before it.
FOUNDATION = ["permissions", "database_url", "backup_schedule", "settings", "clock", "unicode_scripts"]
FOUNDATION += ["forms", "engines", "background", "fsync", "after_commit", "database", "schema_snapshot"]
FOUNDATION += ["schema", "retention"]
TOP = [
    "app",
    "backup_commands",
    "cli",
    "composition",
    "tcp_connections",
    "doctor",
    "readiness",
    "clock_guard",
    "housekeeping",
]
TOP += ["serving", "__main__"]
TALKING = re.compile(r"journal\.(web\..*|app|sessions\.(gate|session)|(\w+\.)*routes)")


@cache
def modules() -> dict[str, ast.Module]:
    """Every module of ours by its dotted name."""
    files = sorted(PACKAGE.rglob("*.py"))
    return {_name(file): ast.parse(file.read_text(encoding="utf-8")) for file in files}


def _name(file: Path) -> str:
    return ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imports(tree: ast.Module) -> set[str]:
    """Every module that is imported, anywhere in it: ours by their full names, others by their packages."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute here"
            assert node.module
            whole = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= (whole & set(modules())) or {node.module}
    return {name if name.startswith("journal") else name.partition(".")[0] for name in found}


def ours() -> Iterator[tuple[str, str]]:
    """Who imports whom."""
    for name, tree in modules().items():
        for imported in imports(tree):
            if imported.startswith("journal."):
                yield name, imported


def part(name: str) -> str:
    """`entries` of journal.entries.reading, `clock` of journal.clock."""
    return f"{name}.".split(".")[1]


def is_routes(name: str) -> bool:
    return name.endswith(".routes")


def is_gate(name: str) -> bool:
    return name in ("journal.sessions.gate", "journal.sessions.session")


def nodes(kind: type) -> Iterator[tuple[str, ast.AST]]:
    for name, tree in modules().items():
        for node in ast.walk(tree):
            if isinstance(node, kind):
                yield name, node


def spoken() -> Iterator[tuple[str, str]]:
    """Every text in the code that is no docstring."""
    for name, tree in modules().items():
        docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
                yield name, node.value


def attributes() -> Iterator[tuple[str, str]]:
    """Every `thing.name` as written, like `request.cookies`."""
    for name, node in nodes(ast.Attribute):
        yield name, ast.unparse(node)


# Who may know whom


def test_every_part_has_its_place_in_the_order() -> None:
    known = {*FEATURES, *FOUNDATION, *TOP, "web", "migrations", ""}
    assert {part(name) for name in modules()} <= known


def test_features_import_only_what_stands_left_of_them() -> None:
    allowed = {feature: {*FOUNDATION, *FEATURES[: n + 1]} for n, feature in enumerate(FEATURES)}
    wrong = [
        f"{name} imports {imported}"
        for name, imported in ours()
        if part(name) in FEATURES and not is_routes(name) and not is_gate(name)
        if part(imported) not in allowed[part(name)]
    ]
    assert not wrong


def test_the_foundation_knows_no_feature_and_stands_in_its_order() -> None:
    wrong = [
        f"{name} imports {imported}"
        for name, imported in ours()
        if part(name) in FOUNDATION
        if part(imported) not in [*FOUNDATION[: FOUNDATION.index(part(name)) + 1], "migrations"]
    ]
    assert not wrong


def test_the_web_knows_no_feature() -> None:
    wrong = [
        f"{name} imports {imported}"
        for name, imported in ours()
        if part(name) == "web" and part(imported) not in [*FOUNDATION, "web"]
    ]
    assert not wrong


def test_nobody_imports_routes_but_the_table_of_contents() -> None:
    wrong = [f"{n} imports {i}" for n, i in ours() if is_routes(i) and n != "journal.app"]
    assert not wrong


def test_no_module_imports_itself_by_way_of_others() -> None:
    graph: dict[str, set[str]] = {}
    for name, imported in ours():
        graph.setdefault(name, set()).add(imported)
    assert not [name for name in graph if name in reached(graph, name)]


def reached(graph: dict[str, set[str]], start: str) -> set[str]:
    seen: set[str] = set()
    left = list(graph[start])
    while left:
        if (name := left.pop()) not in seen:
            seen.add(name)
            left += graph.get(name, ())
    return seen


def test_no_function_imports_a_module() -> None:
    """Where one has to, two modules want to be three."""
    inside = {
        f"{name}.{node.name}"
        for name, node in functions()
        if any(isinstance(inner, ast.Import | ast.ImportFrom) for inner in ast.walk(node))
    }
    assert not inside


def test_entries_know_no_kind_of_derived_data_of_another_room() -> None:
    wrong = [
        f"{name} imports {imported}"
        for name, imported in ours()
        if part(name) in ("entries", "derived") and not is_routes(name)
        if part(imported) in ("search", "tags")
    ]
    assert not wrong


# The tables of other rooms that a room names in its own SQL. The list may only shrink: a new query belongs to
# the room that has the table.
FOREIGN_TABLES = {
    ("days", "day_counts"),
    ("days", "entries"),
    ("entries", "entry_tags"),
    ("entries", "users"),
    ("prompts", "entry_templates"),
    ("prompts", "users"),
    ("search", "entries"),
    ("sessions", "security_events"),
    ("statistics", "day_counts"),
    ("statistics", "hour_counts"),
    ("statistics", "users"),
    ("tags", "entries"),
    ("transfer", "departures"),
    ("transfer", "entries"),
    ("transfer", "users"),
}
TABLE = re.compile(r"\b(?:FROM|JOIN|INTO|UPDATE) \"?(\w+)")


def test_sql_names_tables_of_other_rooms_only_where_the_list_allows_it() -> None:
    rooms = table_rooms()
    found = {
        (part(name), table)
        for name, text in spoken()
        for table in TABLE.findall(text)
        if part(name) not in (rooms.get(table, part(name)), "migrations")
    }
    assert not found - FOREIGN_TABLES, "ask the room that has the table"
    assert not FOREIGN_TABLES - found, "leave these out of the list"


def table_rooms() -> dict[str, str]:
    """The room of each table: the one whose models.py has it, or whose migration makes it for search."""
    rooms = {"search_index": "search", "search_words": "search"}
    for name, node in nodes(ast.Assign):
        assert isinstance(node, ast.Assign)
        if name.endswith(".models") and ast.unparse(node.targets[0]) == "table":
            rooms[ast.literal_eval(node.value)] = part(name)
    return rooms


def test_routes_and_the_gate_use_features_and_the_web_but_not_the_top() -> None:
    wrong = [
        f"{name} imports {imported}"
        for name, imported in ours()
        if is_routes(name) or is_gate(name)
        if part(imported) not in [*FOUNDATION, *FEATURES, "web"]
    ]
    assert not wrong


def test_nobody_imports_the_site_or_its_commands() -> None:
    wrong = [
        f"{n} imports {i}"
        for n, i in ours()
        if part(i) in ("app", "cli", "__main__") and (n, i) != ("journal.__main__", "journal.cli")
    ]
    assert not wrong


def test_migrations_import_nothing_of_ours() -> None:
    """Code that changes later must not change what they did."""
    assert not [f"{name} imports {i}" for name, i in ours() if part(name) == "migrations"]


def test_only_what_talks_to_browsers_imports_quart() -> None:
    wrong = [
        name
        for name, tree in modules().items()
        if {"quart", "werkzeug"} & imports(tree) and not TALKING.fullmatch(name)
    ]
    assert wrong == ["journal.accounts.password_hashes"]  # Werkzeug's, which the old app made


# What exactly one module does


def test_only_one_module_knows_the_headers_of_htmx() -> None:
    assert {name for name, text in spoken() if "hx-" in text.lower()} == {"journal.web.htmx"}


def test_only_the_gate_reads_and_writes_cookies() -> None:
    touching = {
        name
        for name, text in attributes()
        if re.search(r"\.(set_cookie|delete_cookie|cookie_jar)$|^request\.cookies$", text)
    }
    touching |= {name for name, text in spoken() if text.lower() in ("set-cookie", "cookie")}
    assert touching == {"journal.sessions.gate"}


def test_no_session_of_quart_is_read_or_written() -> None:
    """Its cookie has another site's name, and the old app's would be taken for ours."""
    importing = [name for name, tree in modules().items() if "session" in _names_from(tree, "quart")]
    assert not importing


def _names_from(tree: ast.Module, module: str) -> set[str]:
    froms = [n for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and n.module == module]
    return {alias.name for node in froms for alias in node.names}


def test_only_the_settings_read_the_environment() -> None:
    reading = {name for name, text in attributes() if re.match(r"os\.(environ|getenv)", text)}
    reading |= {name for name, tree in modules().items() if _names_from(tree, "os") & {"environ", "getenv"}}
    assert reading == {"journal.settings"}


def test_only_the_clock_asks_what_time_it_is() -> None:
    asking = re.compile(
        r"(datetime\.)?(datetime|date)\.(now|utcnow|today)|time\.(time|localtime|gmtime)(_ns)?"
    )
    found = {name for name, text in attributes() if asking.fullmatch(text)}
    assert found == {"journal.clock"}


def test_only_the_database_configures_tortoise() -> None:
    found = {name for name, text in attributes() if re.fullmatch(r"Tortoise\.\w+", text)}
    found |= {n for n, tree in modules().items() if "expand_db_url" in _names(tree)}
    assert found == {"journal.database"}


def _names(tree: ast.Module) -> set[str]:
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def test_the_example_names_every_setting_and_nothing_else() -> None:
    tree = modules()["journal.settings"]
    named = {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        if isinstance(node.value, str) and re.fullmatch(r"[A-Z]+(_[A-Z]+)+|REGISTRATION|BACKUPS", node.value)
    }
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    assert sorted(re.findall(r"^(\w+)=", example, re.MULTILINE)) == sorted(named)


async def test_no_model_has_changed_without_a_migration(tmp_path: Path) -> None:
    config = database.config(f"sqlite://{tmp_path / 'none.sqlite3'}")
    async with TortoiseContext() as context:
        await context.init(config)
        assert context.apps
        changes = await MigrationAutodetector(context.apps, config["apps"]).changes()
    assert not [writer.as_string() for writer in changes]


# Sizes and names


def test_no_module_has_more_than_250_lines() -> None:
    files = [ROOT / "run.py", *PACKAGE.rglob("*.py")]
    sizes = {
        str(file.relative_to(ROOT)): len(file.read_text(encoding="utf-8").splitlines()) for file in files
    }
    assert not {name: size for name, size in sizes.items() if size > 250}


def test_no_function_has_more_than_30_lines() -> None:
    long = {f"{name}.{node.name}": length(node) for name, node in functions() if length(node) > 30}
    assert not long


def functions() -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for name, tree in modules().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield name, node


def length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or 0) - node.lineno + 1


def test_every_module_says_in_one_sentence_what_lives_there() -> None:
    def says(tree: ast.Module) -> bool:
        doc = ast.get_docstring(tree) or ""
        return bool(doc) and "\n\n" not in doc

    silent = [name for name, tree in modules().items() if tree.body and not says(tree)]
    assert not silent


def test_functions_are_named_by_what_they_do() -> None:
    empty = re.compile(r"_?(get|do|handle|process|perform|execute)_")
    # The engines bear Tortoise's names.
    found = [f"{m}.{n.name}" for m, n in functions() if empty.match(n.name) and part(m) != "engines"]
    assert not found


@pytest.mark.parametrize("word", ["utils", "helpers", "common", "core", "services", "managers", "misc"])
def test_no_package_has_a_name_that_says_nothing(word: str) -> None:
    assert not [str(p) for p in PACKAGE.rglob(word) if p.is_dir()]
    assert not list(PACKAGE.rglob(f"{word[:-1]}s.py"))


def test_each_test_is_a_sentence() -> None:
    files = [(file.name, ast.parse(file.read_text("utf-8"))) for file in (ROOT / "tests").rglob("test_*.py")]
    tests = [
        (name, node.name)
        for name, tree in files
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
    ]
    assert not [(file, test) for file, test in tests if len(test.split("_")) < 4]
