"""Does a run cost more, the more runs there were before it?"""

from __future__ import annotations

WORDS = "the last runs cost"
MOST = 2.0
FEWEST = 300


def growth(seconds: list[float]) -> float | None:
    """How much longer a quick run takes in the last sixth than in the first, when there are enough to tell.

    A quick one is the 10th percentile: it waits for nothing, and hardly depends on which snippets there are.
    """
    sixth = len(seconds) // 6
    if len(seconds) < FEWEST:
        return None
    first, last = (sorted(part)[sixth // 10] for part in (seconds[:sixth], seconds[-sixth:]))
    return last / first


def verdict(seconds: list[float]) -> tuple[str, bool]:
    """What to say about it, and whether the suite may pass."""
    times = growth(seconds)
    if times is None:
        return "", True
    said = (
        f"{WORDS} {times:.2f} times as much as the first (10th percentiles of a sixth of {len(seconds)} runs)"
    )
    if times <= MOST:
        return said, True
    return f"{said}, {MOST} is the most: find what the stem or a worker keeps of each run", False
