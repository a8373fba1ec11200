"""Description of the machine that measures, and of its other load."""

import os
import platform
import re
import sqlite3
import subprocess
from datetime import date
from importlib.metadata import version
from pathlib import Path
from statistics import median

from driving import find_wrk
from rounds import Samples

PACKAGES = ("quart", "hypercorn", "uvloop", "tortoise-orm", "flask", "sqlalchemy", "gunicorn", "markdown")
BUSY = 0.1  # cores, without those of the measurement itself


def facts(rounds: int, seconds: float, load: tuple[float, float, float]) -> str:
    packages = ", ".join(f"{package} {version(package)}" for package in PACKAGES)
    return (
        f"{date.today():%-d %B %Y}, {rounds} rounds of {seconds:g} s."
        f" {os.cpu_count()} cores ({_processor()}), Linux {platform.release()},"
        f" Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {packages}, {_wrk()}."
        f" Load average before: {load[0]:.2f}."
    )


def here() -> str:
    return (
        f"{date.today():%-d %B %Y}. {os.cpu_count()} cores ({_processor()}),"
        f" Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}."
        f" Load average before: {os.getloadavg()[0]:.2f}."
    )


def _processor() -> str:
    found = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return found[1] if found else platform.machine()


def _wrk() -> str:
    done = subprocess.run([find_wrk(), "-v"], capture_output=True, text=True)  # it exits with 1
    return " ".join((done.stdout or done.stderr).split()[:2])


def other_load(samples: Samples) -> str:
    others = [sample.others for taken in samples.values() for sample in taken]
    said = f"{median(others):.2f} cores in the median round, {max(others):.2f} at most"
    if median(others) > BUSY:
        return f"**Other load was running** ({said}): trust the ratios, not the absolute figures."
    return f"Other load: {said}."
