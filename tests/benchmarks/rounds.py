"""Rounds of load: every server at every number of connections, in random order."""

import random
from statistics import median

from driving import Sample, Target, drive

CONNECTIONS = (1, 16)
Samples = dict[tuple[str, int], list[Sample]]  # by name and connections: one sample a round


def measure(targets: list[Target], rounds: int, seconds: float) -> Samples:
    turns = [(target, connections) for target in targets for connections in CONNECTIONS]
    samples: Samples = {(target.server.name, connections): [] for target, connections in turns}
    for target, connections in turns:
        drive(target, connections, seconds)  # warms up
    for number in range(1, rounds + 1):
        print(f"round {number} of {rounds}", flush=True)
        for target, connections in random.sample(turns, len(turns)):
            samples[target.server.name, connections].append(drive(target, connections, seconds))
    return samples


def ratios(samples: Samples, dear: str, cheap: str, connections: int) -> list[float]:
    """The CPU time of a request to `dear` divided by that of one to `cheap`, for each round."""
    pairs = zip(samples[dear, connections], samples[cheap, connections], strict=True)
    return [one.cpu_micros / other.cpu_micros for one, other in pairs]


def spread(values: list[float]) -> str:
    digits = 1 if median(values) >= 4 else 2
    return f"{median(values):.{digits}f} ({min(values):.{digits}f} to {max(values):.{digits}f})"
