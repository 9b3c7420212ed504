"""The rail at the side of a ledger: it runs beside each row while a connection is checked out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from greenlit.record import Deed, Line

GIVES_BACK = ("checkin", "invalidate", "close")


def several_connections(lines: Sequence[Line]) -> bool:
    return len({deed.connection for line in lines for deed in line.deeds if deed.kind != "raised"}) > 1


def rail(lines: Sequence[Line]) -> Iterator[str]:
    """The classes of each row, in order: one row for a line, and one for each of its deeds."""
    several = several_connections(lines)
    held = frozenset([1]) if _begins_with_a_connection(lines) else frozenset[int]()
    for line in lines:
        yield "gl-held" if held else ""
        for deed in line.deeds:
            before, held = held, _held_after(deed, held, several)
            yield _classes(deed, before, held)


def _begins_with_a_connection(lines: Sequence[Line]) -> bool:
    """It was checked out before this section began: it is given back without, or SQL runs without any of both."""
    deeds = [deed for line in lines for deed in line.deeds]
    first = next((d.text for d in deeds if d.kind == "pool" and d.text in ("checkout", "checkin")), "")
    return first == "checkin" or (not first and any(deed.kind in ("txn", "sql") for deed in deeds))


def _held_after(deed: Deed, held: frozenset[int], several: bool) -> frozenset[int]:
    if deed.kind == "pool" and deed.text == "checkout":
        return held | {deed.connection}
    if deed.kind == "pool" and deed.text in GIVES_BACK:
        # Where there is but one connection, a new one after it broke has another number.
        return held - {deed.connection} - (frozenset() if several else {1})
    return held


def _classes(deed: Deed, before: frozenset[int], after: frozenset[int]) -> str:
    """The rail begins in the row that takes a connection, and ends in the row that gives the last one back."""
    took = deed.kind == "pool" and deed.text == "checkout"
    gave = deed.kind == "pool" and deed.text in GIVES_BACK
    classes = [
        "gl-take" if took else "",
        "gl-held" if before or after else "",
        "gl-give" if gave and not after else "",
    ]
    return " ".join(filter(None, classes))
