"""The skill for coding agents: `skill/` with its directives expanded, as a folder, as an archive and as one file."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

from greenlit.error_index import error_pages
from greenlit.site.machines.markdown import FRONT_MATTER, Plain, bare

NAME = "greenlit-sqlalchemy-async"
HEAD = "SKILL.md"
ERRORS = "references/errors.md"
"""Made from the error pages; the others are written in `skill/`."""
OLD = (1980, 1, 1, 0, 0, 0)
"""The date of each file in the archive, so that the same files make the same archive."""


def write(plain: Plain, site: Path) -> None:
    made = files(plain)
    if not made:
        return
    folder = site / "skill" / NAME
    for name, text in made.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    folder.with_suffix(".md").write_text(together(made))
    with zipfile.ZipFile(folder.with_suffix(".zip"), "w") as archive:
        for name, text in made.items():
            file = zipfile.ZipInfo(f"{NAME}/{name}", OLD)
            file.external_attr = 0o644 << 16
            archive.writestr(file, text, zipfile.ZIP_DEFLATED, compresslevel=9)


def files(plain: Plain) -> dict[str, str]:
    """The head first, then the references in the order in which it names them."""
    sources = {path.relative_to(plain.project.skill).as_posix(): path for path in plain.project.skill_files()}
    made = {name: _expanded(plain, path) for name, path in sources.items()}
    if made:
        made[ERRORS] = _errors(plain)
        head = made[HEAD]
        made = {name: made[name] for name in sorted(made, key=lambda name: (name != HEAD, head.find(name)))}
    return made


def together(made: dict[str, str]) -> str:
    """One file: a link to a reference leads to its heading."""
    anchors = {name: _anchor(text) for name, text in made.items()}
    text = "\n\n".join(part.strip() for part in made.values())
    return re.sub(r"\]\((references/\w+\.md)\)", lambda link: f"](#{anchors[link[1]]})", text) + "\n"


def _anchor(text: str) -> str:
    heading = re.search(r"^# (.+)$", text, re.MULTILINE)
    return re.sub(r"[^\w -]", "", heading[1].lower()).replace(" ", "-") if heading else ""


def _expanded(plain: Plain, path: Path) -> str:
    text = path.read_text()
    front = FRONT_MATTER.match(text)
    return f"{front[0] if front else ''}\n{plain.expanded(text, path, '').strip()}\n".lstrip()


def _errors(plain: Plain) -> str:
    rows = []
    for page in error_pages(plain.project):
        messages = [*page.says, *page.reported, *page.common]
        shown = f"`{messages[0]}`" if messages else page.title
        cause = " ".join(bare(page.cause).split())
        row = (
            shown,
            re.split(r"(?<=[^.][.:]) (?=[A-Z`])", cause)[0],
            f"[{page.title}]({plain.url(page.path)}index.md)",
        )
        rows.append(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |")
    head = "# Errors: message, cause, page\n\nThe most common first. Several pages can share a message: compare the causes.\n\n"
    return f"{head}| Message | Cause | Page |\n| --- | --- | --- |\n" + "\n".join(rows) + "\n"
