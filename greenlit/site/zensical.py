"""What Zensical does otherwise than MkDocs, made the same in the built site. After MkDocs, there is nothing to do.

- Links from the root of the site, as directives write them, become relative: MkDocs does it (`absolute_links:
  relative_to_docs`); as they are, they lead to Markdown, and out of a site that is not at the root of its host.
- The files of snippets are published: `docs/snippets` is a link to a folder, and Zensical does not go through it.
"""

from __future__ import annotations

import re
import shutil
from functools import partial
from pathlib import Path

from greenlit.project import LEFT_BEHIND, SHOP, Project
from greenlit.site.built import pages

LINK = re.compile(r'(?P<tag><a\b[^>]*?\bhref=")/(?P<path>[^"/#][^"#]*)(?P<anchor>[^"]*)"')


def write(project: Project, site: Path) -> None:
    for page in pages(site):
        if LINK.search(page.html):
            up = "../" * (len(page.path.relative_to(site).parts) - 1)
            page.path.write_text(LINK.sub(partial(_relative, up), page.html))
    _publish(project, site)


def _relative(up: str, link: re.Match[str]) -> str:
    """A page is a folder."""
    path = link["path"]
    if path.endswith(".md"):
        path = path.removesuffix(".md").removesuffix("index")
        path += "/" if path and not path.endswith("/") else ""
    return f'{link["tag"]}{f"{up}{path}" or "./"}{link["anchor"]}"'


def _publish(project: Project, site: Path) -> None:
    """But for what `exclude_docs` in mkdocs.yml leaves out."""
    for path in project.snippets.rglob("*"):
        inside = path.relative_to(project.snippets)
        to = site / project.snippets.name / inside
        out = inside == Path(SHOP, "README.md") or path.suffix == ".pyc" or set(inside.parts) & LEFT_BEHIND
        if (
            path.is_file()
            and not out
            and not any(part.startswith(".") for part in inside.parts)
            and not to.exists()
        ):
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, to)
