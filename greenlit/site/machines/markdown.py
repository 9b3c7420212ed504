"""A page as plain Markdown: its source, with each directive expanded, each link whole, and nothing that needs a style."""

from __future__ import annotations

import posixpath
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

from greenlit.project import Project
from greenlit.site.directive import DIRECTIVE
from greenlit.site.machines.figures import Sheet, fence, figure
from greenlit.site.moved import address
from greenlit.site.search_index import front_matter

FRONT_MATTER = re.compile(r"\A---\n.*?^---\n", re.DOTALL | re.MULTILINE)
PICTURE = re.compile(r"<svg.*?</svg>", re.DOTALL)
TAG = re.compile(r"^</?(?:div|figure|figcaption|p|span)\b[^>]*>$|<!--.*?-->", re.MULTILINE | re.DOTALL)
ATTRIBUTES = re.compile(r" *\{:? ?[.#][a-z][\w .#=\"'-]*\}")
ANCHOR = re.compile(r"<a href=\"(?:\.\./)*(?P<target>[^\"]+)\"><code>(?P<text>[^<]+)</code></a>")
"""A link to what is made after the build, which MkDocs must not look for."""
BLOCK = re.compile(r"^(?P<kind>!!!|\?\?\?\+?|===) *(?P<type>[\w-]*) *(?:\"(?P<title>.*)\")?$")
FENCE = re.compile(r"\s*(?P<marks>```+)")
REFERENCE = re.compile(r"^\[(?P<label>[^]^]+)\]: +(?P<target>\S+)", re.MULTILINE)
LINK = re.compile(r"(?P<code>``?[^`]+``?)|\]\((?P<target>[^)\s]+)\)")


def bare(text: str) -> str:
    """Without its links."""
    return re.sub(r"\[([^]]+)\]\([^)]*\)", r"\1", text).strip()


class Plain:
    def __init__(self, project: Project, base: str) -> None:
        self.project, self.base = project, base

    def place(self, page: Path) -> str:
        """`guides/errors/stale_data/`, as it is in the address of a page; empty for home."""
        return address(page.relative_to(self.project.docs).as_posix())

    def url(self, page: Path) -> str:
        return self.base + self.place(page)

    def description(self, page: Path) -> str:
        """What the front matter says; else the first sentence."""
        if said := front_matter(page).get("description"):
            return str(said)
        body = re.sub(r"\A.*?^# .*?\n", "", page.read_text(), count=1, flags=re.DOTALL | re.MULTILINE)
        plain = next((part for part in body.split("\n\n") if re.match(r"\s*[A-Z`\"]", part)), "")
        sentence = re.split(r"(?<=[.:?]) ", " ".join(plain.split()), maxsplit=1)[0]
        return bare(sentence).rstrip(":")

    def page(self, page: Path) -> str:
        """The whole page, below the address that it comes from."""
        proven: dict[str, str] = {}
        text = self.expanded(page.read_text(), page, self.url(page), proven)
        heading, _, rest = text.lstrip().partition("\n")
        versions = ", ".join(f"{name} {version}" for name, version in sorted(proven.items()))
        end = f"\n\nRecorded with {versions}. Lines without a row in a ledger sent nothing." if proven else ""
        return f"{heading}\n\n<{self.url(page)}>\n\n{rest.strip()}{end}\n"

    def expanded(self, text: str, where: Path, url: str, proven: dict[str, str] | None = None) -> str:
        """Also for Markdown that is no page: links lead from the place of `where`."""
        body = FRONT_MATTER.sub("", text)
        body = PICTURE.sub(_described, body)
        references = {found["label"].lower(): found["target"] for found in REFERENCE.finditer(body)}
        sheet = Sheet(self.project, self.base, url, references)
        sheet.proven = {} if proven is None else proven
        body = "\n".join(self._lines(sheet, _unstyled(body).splitlines()))
        return self._with_whole_links(body, where, url)

    def _lines(self, sheet: Sheet, lines: list[str]) -> Iterator[str]:
        at, fenced, modules = 0, "", set()
        while at < len(lines):
            line, at = lines[at], at + 1
            indent = line[: len(line) - len(line.lstrip())]
            if mark := FENCE.match(line):
                fenced = "" if fenced else mark["marks"]
            if fenced or mark:
                yield line
            elif directive := DIRECTIVE.match(line.strip()):
                made = figure(sheet, directive["verb"], directive["target"] or "")
                yield textwrap.indent(f"\n{made}\n", indent)
            elif line.startswith("::: "):
                module = line.removeprefix("::: ").partition(".")[0]
                if module not in modules:
                    modules.add(module)
                    yield self._module(module)
            elif block := BLOCK.match(line):
                length = next(
                    (n for n, inner in enumerate(lines[at:]) if inner and inner[:4].strip()), len(lines) - at
                )
                inner = textwrap.dedent("\n".join(lines[at : at + length])).splitlines()
                at += length
                title = block["title"] or block["type"].capitalize()
                yield from (f"**{title}**", "", *self._lines(sheet, inner), "")
            else:
                yield line

    def _module(self, module: str) -> str:
        """A module of the toolkit is one file to copy: nothing says more about it."""
        path = self.project.snippets / "toolkit" / f"{module}.py"
        return f"\n{fence('python', path.read_text().strip(), self.project.shown(path))}\n"

    def _with_whole_links(self, text: str, where: Path, url: str) -> str:
        folder = (
            where.parent.relative_to(self.project.docs).as_posix()
            if where.is_relative_to(self.project.docs)
            else "."
        )

        def whole(target: str) -> str:
            if re.match(r"[a-z]+:|references/", target):
                return target
            path, hash_, anchor = target.partition("#")
            if not path:
                return f"{url}#{anchor}"
            inside = posixpath.normpath(path.lstrip("/") if path.startswith("/") else f"{folder}/{path}")
            page = self.project.docs / inside
            named = self.place(page) if page.suffix == ".md" and page.is_file() else inside
            return f"{self.base}{named}{hash_}{anchor}"

        def link(found: re.Match[str]) -> str:
            return found[0] if found["code"] else f"]({whole(found['target'])})"

        made: list[str] = []
        fenced = ""
        for line in text.splitlines():
            mark = FENCE.match(line)
            if mark and (not fenced or mark["marks"] == fenced):
                fenced = "" if fenced else mark["marks"]
            elif not fenced:
                if not line.strip() and made and not made[-1].strip():
                    continue
                line = REFERENCE.sub(lambda found: f"[{found['label']}]: {whole(found['target'])}", line)
                line = LINK.sub(link, line)
            made.append(line)
        return "\n".join(made)


def _described(picture: re.Match[str]) -> str:
    found = re.search(r"<desc[^>]*>(.*?)</desc>", picture[0], re.DOTALL)
    return f"(A picture: {' '.join(found[1].split())})" if found else ""


def _unstyled(text: str) -> str:
    """Without the attributes, abbreviations and boxes that only a style sheet sees, and without the links of cells."""
    bare = ANCHOR.sub(lambda a: f"[`{a['text']}`](/{unquote(a['target'])})", TAG.sub("", text))
    lines = [line for line in bare.splitlines() if not re.match(r"\*\[|\[[^]]+: [^]]+\]: ", line)]
    return "\n".join(ATTRIBUTES.sub("", line) for line in lines)
