"""A file as it is published: without the marks of its sections, which are for the pages that show them."""

from __future__ import annotations

from collections.abc import Iterator

from greenlit.snippet import MARKER


def unmarked(source: str) -> str:
    return "".join(line for _, line in _kept(source))


def place(source: str, line: int) -> int:
    """Where a line of the file is in what is published. It is neither a mark nor empty."""
    return [number for number, _ in _kept(source)].index(line) + 1


def _kept(source: str) -> Iterator[tuple[int, str]]:
    """Each line with its number. Where a mark was, at most two empty lines are left, and one before a line with an indent."""
    empty: list[tuple[int, str]] = []
    for number, line in enumerate(source.splitlines(keepends=True), 1):
        if line == "\n":
            empty.append((number, line))
        elif not MARKER.match(line):
            yield from empty[: 1 if line[0] in " \t" else 2]
            yield number, line
            empty = []
    yield from empty[:2]
