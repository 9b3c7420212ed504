"""Run every snippet where runs have been before: `make again`

A reader runs a file twice in one folder, and different files against one database. On SQLite each
runs twice in a folder of its own, on PostgreSQL one after the other in a database that nobody empties.
"""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from greenlit import Mistake
from greenlit.project import HERE
from greenlit.proof.apart import STEM, stem
from greenlit.proof.database import Stage, postgres
from greenlit.proof.run import Rejected, unwatched
from greenlit.proof.services import missing
from greenlit.snippet import Snippet

LANES = 2 * (os.cpu_count() or 1)
"""Side by side, each with a database of its own. They mostly wait."""


def main(names: list[str]) -> None:
    try:
        asked = [snippet for snippet in HERE.all() if any(name in snippet.name for name in names or [""])]
        wanted = [snippet for snippet in asked if not missing(snippet.needs)]
        apart = ProcessPoolExecutor(LANES, get_context("spawn"))
        with stem() as os.environ[STEM], postgres() as server, apart as lanes:
            parts = [wanted[first::LANES] for first in range(LANES)]
            wrong = [line for lines in lanes.map(partial(_lane, server), parts) for line in lines]
    except Mistake as mistake:
        sys.exit(str(mistake))
    print(f"{len(wanted)} snippets run again, {len(wrong)} fail")
    sys.exit("\n".join(wrong) or None)


def _lane(server: str, snippets: list[Snippet]) -> list[str]:
    wrong = []
    with (
        tempfile.TemporaryDirectory(prefix="greenlit-") as folder,
        contextlib.closing(Stage(server, Path(folder), emptied=False)) as stage,
    ):
        for snippet in snippets:
            try:
                _again(snippet, stage, Path(folder) / snippet.name)
            except Rejected as rejected:
                wrong.append(
                    f"{rejected}. It ran before, or others did: begin with 'drop_all' or a name of its own"
                )
    return wrong


def _again(snippet: Snippet, stage: Stage, folder: Path) -> None:
    """On one of the drivers for PostgreSQL: what a run leaves in the database is the same with both."""
    folder.mkdir(parents=True)
    on_postgresql = [driver for driver in snippet.drivers if driver != "aiosqlite"][:1]
    on_sqlite = ["aiosqlite"] * 2 if "aiosqlite" in snippet.drivers else on_postgresql
    for driver in [*on_sqlite, *on_postgresql]:
        unwatched(snippet, driver, stage, folder)


if __name__ == "__main__":
    main(sys.argv[1:])
