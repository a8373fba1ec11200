"""Scripts as they go out: each with what it imports in one file, without comments and spare room."""

import re
from collections.abc import Iterable, Mapping
from graphlib import TopologicalSorter

from rjsmin import jsmin

# A module that throws, for example in a browser that lacks something, stops only itself and its importers.
GUARD = "const $run=(module)=>{try{return module();}catch(error){reportError(error);}};\n"
IMPORT = re.compile(r'^import (?:(?:\* as )?([^"]+?) from )?"\./([\w-]+\.js)";\n', re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:async )?(?:function|class|const) (\w+))", re.MULTILINE)


def bundles(modules: Mapping[str, str]) -> dict[str, str]:
    """Those modules that no other imports, by name, with all that they need.

    A module that two of them import is in both, so it must keep no state. Raises graphlib.CycleError.
    """
    needs = {name: [found[1] for found in IMPORT.findall(text)] for name, text in modules.items()}
    imported = {name for names in needs.values() for name in names}
    return {name: _bundle(name, modules, needs) for name in modules if name not in imported}


def together(scripts: Iterable[str]) -> str:
    """One script of several; what fails in one of them does not touch the others."""
    return GUARD + "".join(f"$run(() => {{\n{script}\n}});\n" for script in scripts)


def _bundle(name: str, modules: Mapping[str, str], needs: Mapping[str, list[str]]) -> str:
    reached, waiting = {name}, [name]
    while waiting:
        new = set(needs[waiting.pop()]) - reached
        reached |= new
        waiting += new
    # The same order on every start and every machine, or each would give the file another name.
    order = TopologicalSorter({module: needs[module] for module in sorted(reached)}).static_order()
    parts = [_scoped(module, modules[module], is_last=module == name) for module in order]
    script: str = jsmin("".join([GUARD, *parts] if len(parts) > 1 else parts))
    return script


def _scoped(name: str, text: str, is_last: bool) -> str:
    """A module as a value that holds what it exports; the last one stands as it is."""
    text = IMPORT.sub(lambda found: f"const {found[1]} = {_value(found[2])};\n" if found[1] else "", text)
    exported = ", ".join(EXPORT.findall(text))
    text = EXPORT.sub("", text)
    if is_last:
        return text
    return f"const {_value(name)} = $run(() => {{\n{text}return {{ {exported} }};\n}});\n"


def _value(name: str) -> str:
    return "$" + name.removesuffix(".js").replace("-", "_")
