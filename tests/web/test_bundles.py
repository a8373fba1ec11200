"""Modules become one script each page needs, and mean the same."""

import os
import subprocess
import sys
from graphlib import CycleError

import pytest

from journal.web.bundles import GUARD, bundles, concatenate


def test_only_what_nobody_imports_goes_out_and_holds_what_it_needs_once() -> None:
    modules = {
        "page.js": 'import { say } from "./voice.js";\nimport * as pen from "./pen.js";\nsay(pen.ink);\n',
        "pen.js": 'import { say } from "./voice.js";\nexport const ink = say("blue");\n',
        "voice.js": "const echo = (word) => word; // a reason\n"
        "export async function say(word) {\n  return echo(word);\n}\n",
    }
    assert bundles(modules) == {
        "page.js": (
            "const $run=(module)=>{try{return module();}catch(error){reportError(error);}};"
            "const $voice=$run(()=>{const echo=(word)=>word;async function say(word){return echo(word);}\n"
            "return{say};});const $pen=$run(()=>{const{say}=$voice;"
            'const ink=say("blue");return{ink};});'
            "const{say}=$voice;const pen=$pen;say(pen.ink);"
        )
    }


def test_a_module_that_is_imported_for_what_it_does_is_done() -> None:
    made = bundles({"page.js": 'import "./sign-in.js";\n', "sign-in.js": "listen();\n"})
    assert made == {"page.js": f"{GUARD.strip()}const $sign_in=$run(()=>{{listen();return{{}};}});"}


def test_what_is_imported_later_stays_a_script_of_its_own() -> None:
    made = bundles({"page.js": 'import("./later.js");\n', "later.js": "late();\n"})
    assert made == {"page.js": 'import("./later.js");', "later.js": "late();"}


def test_scripts_together_share_no_names_and_run_in_their_order() -> None:
    assert concatenate(["const a=1;", "const a=2;// b"]) == (
        f"{GUARD}$run(() => {{\nconst a=1;\n}});\n$run(() => {{\nconst a=2;// b\n}});\n"
    )


def test_modules_in_a_circle_are_refused() -> None:
    one, other = 'import { b } from "./b.js";\n', 'import { a } from "./a.js";\n'
    with pytest.raises(CycleError):
        bundles({"page.js": 'import { a } from "./a.js";\n', "a.js": one, "b.js": other})


def test_every_start_makes_the_same_files() -> None:
    program = "from journal.web.assets import loaded; print(*sorted(loaded().files))"
    made = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(made) == 1
