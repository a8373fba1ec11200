"""JavaScript bundler and minifier: puts each script and the modules that it imports into one file, without a
build step."""

import re
from collections.abc import Iterable, Mapping
from graphlib import TopologicalSorter

from rjsmin import jsmin

# A module that throws, for example in a browser that lacks something, stops only itself and its importers.
GUARD = "const $run=(module)=>{try{return module();}catch(error){reportError(error);}};\n"
IMPORT = re.compile(r'^import (?:(?:\* as )?([^"]+?) from )?"\./([\w-]+\.js)";\n', re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:async )?(?:function|class|const) (\w+))", re.MULTILINE)


def bundles(modules: Mapping[str, str]) -> dict[str, str]:
    """A bundle for each module that no other module imports, by name.

    A module that two bundles need is in both, so it must keep no state. Raises graphlib.CycleError.
    """
    needs = {name: [found[1] for found in IMPORT.findall(text)] for name, text in modules.items()}
    imported = {name for names in needs.values() for name in names}
    return {name: _bundle(name, modules, needs) for name in modules if name not in imported}


def concatenate(scripts: Iterable[str]) -> str:
    """Joins scripts so that an error in one does not stop the others."""
    return GUARD + "".join(f"$run(() => {{\n{script}\n}});\n" for script in scripts)


def _bundle(name: str, modules: Mapping[str, str], needs: Mapping[str, list[str]]) -> str:
    reached, waiting = {name}, [name]
    while waiting:
        new = set(needs[waiting.pop()]) - reached
        reached |= new
        waiting += new
    # Sorted, so that the order and with it the hash in the file's name are the same on every machine.
    order = TopologicalSorter({module: needs[module] for module in sorted(reached)}).static_order()
    parts = [_scoped(module, modules[module], is_last=module == name) for module in order]
    script: str = jsmin("".join([GUARD, *parts] if len(parts) > 1 else parts))
    return script


def _scoped(name: str, text: str, is_last: bool) -> str:
    """Wraps a module into a function that returns its exports; the bundle's main module stays as it is."""
    text = IMPORT.sub(lambda found: f"const {found[1]} = {_value(found[2])};\n" if found[1] else "", text)
    exported = ", ".join(EXPORT.findall(text))
    text = EXPORT.sub("", text)
    if is_last:
        return text
    return f"const {_value(name)} = $run(() => {{\n{text}return {{ {exported} }};\n}});\n"


def _value(name: str) -> str:
    return "$" + name.removesuffix(".js").replace("-", "_")
