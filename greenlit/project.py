"""Where things are: the pages, the snippets, and what pins the versions that they run on."""

from __future__ import annotations

import shutil
import tomllib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from greenlit.snippet import Snippet

SHOP = "application/shop"
COPIED = ("toolkit/", "lab/", f"{SHOP}/")
"""The folders whose files are for copying or have options: tests of their own run them, not the proof."""

LONGEST_LABEL = 30
"""Characters in the navigation: a title is for search engines and results, a label is read in passing."""

LEFT_BEHIND = {".venv", ".env", "__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache"}


@dataclass(frozen=True)
class Project:
    """A checkout. The proof of the proof makes small ones of its own."""

    root: Path

    @property
    def snippets(self) -> Path:
        return self.root / "snippets"

    @property
    def docs(self) -> Path:
        return self.root / "docs"

    @property
    def error_pages(self) -> Path:
        return self.docs / "guides" / "errors"

    @property
    def assets(self) -> Path:
        return self.docs / "assets"

    @property
    def charts(self) -> Path:
        return self.snippets / "lab" / "charts"

    @property
    def skill(self) -> Path:
        return self.root / "skill"

    def skill_files(self) -> list[Path]:
        """What the skill for coding agents is made from. It is no page, and its code comes from snippets as theirs does."""
        return sorted(self.skill.rglob("*.md"))

    def pages(self) -> list[Path]:
        """Every Markdown page. The snippets are published beside them, through a link."""
        found = self.docs.rglob("*.md")
        return sorted(path for path in found if path.relative_to(self.docs).parts[0] != self.snippets.name)

    def shown(self, path: Path) -> str:
        """A path as messages name it."""
        return path.relative_to(self.root).as_posix()

    def shop_files(self) -> list[Path]:
        """What the reference application consists of, without what tools leave in its folder."""
        root = self.snippets / SHOP
        found = (path for path in root.rglob("*") if path.is_file() and path.suffix != ".db")
        return sorted(path for path in found if not set(path.relative_to(root).parts) & LEFT_BEHIND)

    def copy(self, to: Path) -> Project:
        """The project without what is hidden or made from it."""

        def left_out(folder: str, names: list[str]) -> set[str]:
            made = {"site"} if folder == str(self.root) else {"__pycache__"}
            return {name for name in names if name.startswith(".") or name in made}

        return Project(shutil.copytree(self.root, to, symlinks=True, ignore=left_out))

    def snippet(self, name: str) -> Snippet:
        """Load `expiry/read_after_commit/read`."""
        return Snippet.load(self.snippets, name)

    def names(self) -> list[str]:
        """The names of all snippets that the proof runs."""
        paths = (path.relative_to(self.snippets) for path in self.snippets.glob("*/**/*.py"))
        names = (path.with_suffix("").as_posix() for path in paths)
        return sorted(name for name in names if not name.startswith(COPIED))

    def all(self) -> list[Snippet]:
        return [self.snippet(name) for name in self.names()]

    @cached_property
    def locked(self) -> dict[str, str]:
        """The version of every package that the lock pins."""
        packages = tomllib.loads((self.root / "uv.lock").read_text())["package"]
        return {package["name"]: package["version"] for package in packages if "version" in package}


HERE = Project(Path(__file__).resolve().parent.parent)
