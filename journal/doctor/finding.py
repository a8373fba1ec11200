"""Findings: what a check of `journal doctor` says."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from journal.settings import Settings


@dataclass(frozen=True)
class Finding:
    sentence: str
    is_fault: bool = False


DatabaseCheck = Callable[[bool], Awaitable[list[Finding]]]  # is told whether to repair
HostCheck = Callable[[Settings, bool], Awaitable[list[Finding]]]
