"""The site while somebody writes it: what was built stays in memory, and a change costs the pages that it touches.

MkDocs builds all pages for each change. Everything that it needs for one page it has after the first build; a
plugin that is added here, and not in mkdocs.yml, keeps it.
"""

from __future__ import annotations

import logging
import os
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mkdocs.commands.build import _build_page, _populate_page, build
from mkdocs.config import load_config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import BasePlugin
from mkdocs.structure.files import File, Files
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page

from greenlit import Mistake
from greenlit.project import Project
from greenlit.site import generated, search_index

log = logging.getLogger("mkdocs.greenlit")


class Restart(BaseException):
    """The machinery itself has changed, and this process has the old one. MkDocs' loop goes on after an Exception."""


class Kept(BasePlugin):  # type: ignore[type-arg, no-untyped-call]
    """What a build made that the next page needs, and which files each page was made of."""

    nav: Navigation
    files: Files
    env: Any

    def __init__(self) -> None:
        self.sources: dict[str, set[str]] = {}
        self._reading: set[str] | None = None
        sys.addaudithook(self._audit)

    def on_nav(self, nav: Navigation, *, files: Files, **_: Any) -> None:
        self.nav, self.files = nav, files

    def on_env(self, env: Any, **_: Any) -> None:
        self.env = env

    def on_pre_page(self, page: Page, **_: Any) -> None:
        self._reading = self.sources[page.file.src_uri] = set()

    def on_page_content(self, html: str, **_: Any) -> None:
        self._reading = None

    def _audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Python tells of every file that is opened: whatever a directive reads, it need not say so."""
        if event == "open" and self._reading is not None and isinstance(arguments[0], (str, Path)):
            self._reading.add(os.fspath(arguments[0]))


class Preview:
    def __init__(self, project: Project, url: str, folder: Path) -> None:
        self.project, self.url, self.folder = project, url, folder
        self._kept = Kept()
        self._config: MkDocsConfig | None = None
        self._seen: dict[Path, int] = {}

    def refresh(self) -> None:
        """Build what has changed since the last time: the first time, all of it."""
        begun, now = time.monotonic(), self._snapshot()
        changed = {path for path, _ in now.items() ^ self._seen.items()}
        if self._config is None or self._concerns_all(changed, now):
            self._build_all()
        else:
            for path in changed:
                self._publish(path)
            pages = list(self._pages_made_of(changed))
            self._build(self._config, pages)
            self._catalogue(changed)
            log.info("%d pages in %.1f s", len(pages), time.monotonic() - begun)
        self._index()
        # Only now: what failed is tried again after the next change.
        self._seen = now

    # All of it ------------------------------------------------------------------------------

    def _build_all(self) -> None:
        config = load_config(
            str(self.project.root / "mkdocs.yml"), site_dir=str(self.folder), site_url=self.url
        )
        config.plugins["greenlit"] = self._kept
        config.mdx_configs.setdefault("greenlit.site.directive", {})["project"] = self.project
        self._config = None  # A build that fails leaves nothing to go on from.
        build(config, serve_url=self.url)
        self._config = config

    def _concerns_all(self, changed: set[Path], now: dict[Path, int]) -> bool:
        """The navigation, the settings, what mkdocstrings remembers: what no single page stands for."""
        root, toolkit = self.project.root, self.project.snippets / "toolkit"
        if any(path.is_relative_to(root / "greenlit") for path in changed):
            raise Restart
        return any(
            path == root / "mkdocs.yml"
            or path.parent == toolkit
            or (path.suffix == ".md" and not (path in now and path in self._seen))
            for path in changed
        )

    # A part of it ---------------------------------------------------------------------------

    def _build(self, config: MkDocsConfig, pages: list[Page]) -> None:
        kept, titles = self._kept, [page.title for page in pages]
        for page in pages:
            _populate_page(page, config, kept.files)
        if titles != [page.title for page in pages]:  # They stand in the navigation of every page.
            self._build_all()
            return
        config.plugins.on_env(kept.env, config=config, files=Files([page.file for page in pages]))
        shown = kept.files.documentation_pages()
        for page in pages:
            _build_page(page, config, shown, kept.nav, kept.env)
            page.validate_anchor_links(files=kept.files, log_level=config.validation.links.anchors)

    def _pages_made_of(self, changed: set[Path]) -> Iterator[Page]:
        """Those that read a changed file, and those that name its folder: the file may be new."""
        read = {str(path) for path in changed}
        folders = [
            f"{path.parent.relative_to(self.project.snippets).as_posix()}/"
            for path in changed
            if path.is_relative_to(self.project.snippets)
        ]
        for file in self._kept.files.documentation_pages():
            page = file.page
            if page is None or page.markdown is None:
                continue
            if read & {file.abs_src_path, *self._kept.sources[file.src_uri]} or any(
                f" {folder}" in page.markdown for folder in folders
            ):
                yield page

    def _catalogue(self, changed: set[Path]) -> None:
        """What the doctor knows. The files that this writes are published as the next change."""
        errors = (self.project.error_pages, self.project.snippets / "errors")
        if any(path.is_relative_to(folder) for path in changed for folder in errors):
            try:
                generated.write(self.project)
            except Mistake as mistake:
                log.warning("%s", mistake)

    def _index(self) -> None:
        """What the search knows: of pages that are as they were, it remembers what they say."""
        try:
            search_index.write(self.project, self.folder)
        except Mistake as mistake:
            log.warning("%s", mistake)

    def _publish(self, path: Path) -> None:
        """Copy a file that is no page to where it is served, or take it away there."""
        config, kept = self._config, self._kept
        inside = path.is_relative_to(self.project.snippets)
        name = path.relative_to(self.project.root if inside else self.project.docs).as_posix()
        if path.suffix == ".md" and not inside:
            return
        known = kept.files.get_file_from_path(name)
        if path.exists():
            (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, self.folder / name)
            if known is None and config is not None:
                kept.files.append(File(name, config.docs_dir, config.site_dir, config.use_directory_urls))
        else:
            (self.folder / name).unlink(missing_ok=True)
            if known is not None:
                kept.files.remove(known)

    # What there is --------------------------------------------------------------------------

    def _snapshot(self) -> dict[Path, int]:
        """All that the site is made of, and when each file was written."""
        root = self.project.root
        found = {root / "mkdocs.yml": (root / "mkdocs.yml").stat().st_mtime_ns}
        for folder in ("docs", "snippets", "greenlit"):
            for path in _files(root / folder):
                found[path] = path.stat().st_mtime_ns
        return found


def _files(folder: Path) -> Iterator[Path]:
    """Without caches, and without the hidden files that editors write beside the real ones."""
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith((".", "__"))]
        yield from (Path(place, name) for name in names if not name.startswith("."))
