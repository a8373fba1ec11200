"""SVG charts: paths for bars and lines, which the style sheet gives their looks. Pure."""

from collections.abc import Sequence

# The line chart of moods: twelve months, five heights.
LEFT, TOP, STEP, RISE = 60, 12, 26, 18
WIDTH, HEIGHT = LEFT + 12 * STEP, TOP + 4 * RISE + 30
# The bar chart of hours: width and height of a bar.
BAR, TALL = 14, 56


def mood_at(month: int, value: float) -> tuple[float, float]:
    """The point of a month's mean mood; 1, awful, is lowest."""
    return LEFT + (month - 0.5) * STEP, round(TOP + (5 - value) * RISE, 1)


def mood_line(values: Sequence[float]) -> str:
    """A line from month to month, interrupted where a month has no mood (0)."""
    moves, before = [], 0.0
    for month, value in enumerate(values, 1):
        if value:
            x, y = mood_at(month, value)
            moves.append(f"{'L' if before else 'M'}{x:g} {y:g}")
        before = value
    return "".join(moves)


def mood_dots(values: Sequence[float]) -> str:
    found = [mood_at(month, value) for month, value in enumerate(values, 1) if value]
    return "".join(f"M{x:g} {y:g}h0" for x, y in found)


def bars(counts: Sequence[int]) -> str:
    """Bars side by side. The highest is TALL, and every number above 0 gets a visible bar."""
    most = max(counts, default=0)
    heights = [max(1.5, round(TALL * count / most, 1)) if count else 0 for count in counts]
    return "".join(f"M{(at + 0.5) * BAR:g} {TALL}v-{height:g}" for at, height in enumerate(heights) if height)


def share(count: int, most: int) -> float:
    """The length of a bar if the longest is 100."""
    return round(100 * count / most, 1) if most else 0
