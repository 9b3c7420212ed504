"""The reference application as one file to download. It is committed, as all that is made from other files."""

from __future__ import annotations

import zipfile
from pathlib import Path

from greenlit.project import SHOP, Project

LICENSE = "LICENSE"
"""Of all snippets: in the folder of a reader, the application has no other files beside it."""


def place(project: Project) -> Path:
    return project.assets / "shop.zip"


def is_current(project: Project) -> bool:
    """By its files: another Python may compress them otherwise."""
    if not place(project).is_file():
        return not _files(project)
    with zipfile.ZipFile(place(project)) as there:
        return {name: there.read(name) for name in there.namelist()} == _files(project)


def write(project: Project) -> None:
    if is_current(project):
        return
    with zipfile.ZipFile(place(project), "w") as made:
        for name, content in _files(project).items():
            file = zipfile.ZipInfo(name)  # Without a date, so that the same files make the same archive.
            file.external_attr = 0o644 << 16  # Otherwise unzip makes files that nobody may read.
            made.writestr(file, content, zipfile.ZIP_DEFLATED, compresslevel=9)


def _files(project: Project) -> dict[str, bytes]:
    root = project.snippets / SHOP
    files = {path.relative_to(root).as_posix(): path.read_bytes() for path in project.shop_files()}
    return files | {LICENSE: (project.snippets / LICENSE).read_bytes()} if files else {}
