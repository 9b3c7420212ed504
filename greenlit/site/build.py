"""The site, strictly: MkDocs, and beside it what only we can check."""

from __future__ import annotations

import gc
import logging
import os
import sys
from pathlib import Path
from urllib.parse import urlsplit

from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.exceptions import MkDocsException

from greenlit import census
from greenlit.playground import agreed, fetch
from greenlit.project import HERE
from greenlit.site import after

LOCAL = "http://127.0.0.1:8000/"
"""Where the site is if nothing else is said: see mkdocs.yml."""


def main() -> None:
    gc.disable()  # It is over in seconds, and nearly all that it makes it needs to the end.
    site = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE.root / "site"
    if urlsplit(url := os.environ.get("SITE_URL", LOCAL)).hostname in ("127.0.0.1", "localhost"):
        print(f"WARNING: commands and canonical links will point at {url}, and nobody else has that. "
              "For a site that is to be published: make build SITE_URL=https://…/", file=sys.stderr)  # fmt: skip
    if not agreed.is_left_out():
        fetch.provide(HERE)
    with after.beside(1) as processes:
        judged = processes.submit(_problems)
        warnings = _built(site)
        # What breaks a rule often breaks the build as well: the rule says why.
        if problems := judged.result() or warnings:
            sys.exit("\n".join(problems))
    after.finish(HERE, site)


def _problems() -> list[str]:
    return sorted(set(census.problems(HERE)))


def _built(site: Path) -> list[str]:
    """What MkDocs complains of."""
    said = _Said(logging.WARNING)
    logging.getLogger("mkdocs").addHandler(said)
    try:
        config = load_config(str(HERE.root / "mkdocs.yml"), strict=True, site_dir=str(site))
        config.plugins.on_startup(command="build", dirty=False)
        build(config)
        config.plugins.on_shutdown()
    except MkDocsException as error:
        said.lines.append(str(error))
    return said.lines


class _Said(logging.Handler):
    def __init__(self, level: int) -> None:
        super().__init__(level)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.levelname}: {record.getMessage()}")


if __name__ == "__main__":
    main()
