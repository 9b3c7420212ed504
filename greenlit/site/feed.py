"""What is new, and what releases changed, as a feed: `/feed.xml`, in the format Atom (RFC 4287).

It is read from the built pages. An entry is a landing of the changelog, or all that one release line of a package did
otherwise than the one before. The date of a release is in uv.lock or, of older ones, in pyproject.toml: no clock and no git,
so that the same checkout makes the same feed.
"""

from __future__ import annotations

import datetime
import re
import tomllib
import uuid
import xml.etree.ElementTree as etree
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from greenlit import Mistake
from greenlit.project import Project
from greenlit.site.built import Built, address

NAME = "feed.xml"
ATOM = "http://www.w3.org/2005/Atom"
UPGRADES = ("upgrade/", "upgrade/sqlalchemy/", "upgrade/fastapi/")
CHANGELOG = "changelog/"

SPACE = uuid.UUID("6d2f4f0e-5d0a-5c0e-9a57-67726e6c6974")
"""An entry's name within it is its identity, wherever the site is."""
MOST = 6
"""Changes of one kind in an entry: the page has all of them."""
STEP = re.compile(r"(?P<name>\S+) (?P<old>[\d.]+) to (?P<new>[\d.]+)")
CHANGE = re.compile(r'<div class="gl-change">(.*?)\n</div>(?=\s*(?:<div class="gl-change">|\Z))', re.DOTALL)
LANDING = re.compile(r"(\d{4}-\d\d-\d\d): (.+)")


@dataclass(frozen=True)
class Entry:
    name: str
    """What it is known by, for ever."""
    title: str
    link: str
    updated: datetime.date
    html: str

    @property
    def identity(self) -> str:
        return uuid.uuid5(SPACE, self.name).urn


def write(project: Project, site: Path) -> None:
    if all((site / folder).is_dir() for folder in (CHANGELOG, *UPGRADES)):  # Not if it is a few pages only.
        (site / NAME).write_text(atom(address(site), entries(project, site)))


def entries(project: Project, site: Path) -> list[Entry]:
    """The newest first."""
    found = [*_landings(Built(site / CHANGELOG / "index.html"))]
    dates = Dates(project)
    for folder in UPGRADES:
        found += _upgrades(Built(site / folder / "index.html"), dates)
    return sorted(found, key=lambda entry: (-entry.updated.toordinal(), entry.name))


def _landings(page: Built) -> Iterator[Entry]:
    for _, anchor, title, html in page.sections():
        if landing := LANDING.fullmatch(title):
            date = datetime.date.fromisoformat(landing[1])
            link = f"{page.url}#{anchor}"
            yield Entry(title, f"New on the site: {landing[2]}", link, date, _absolute(html, page.url))


def _upgrades(page: Built, dates: Dates) -> Iterator[Entry]:
    told: dict[str, str] = {}
    """Of each step, its changes by kind."""
    links: dict[str, str] = {}
    step = ""
    for level, anchor, title, html in page.sections():
        if level < 4:
            step, links[title] = title, f"{page.url}#{anchor}"
        elif changes := CHANGE.findall(html):
            told[step] = told.get(step, "") + _kind(title, changes, page.url, links[step])
    for name, html in told.items():
        step_of = STEP.fullmatch(name)
        assert step_of is not None, f"{page.path}: '{name}' is no step from one release to the next"
        package, old, new = step_of.groups()
        title = f"{package} {new}: what changed since {old}"
        yield Entry(name, title, links[name], dates.of(package.lower(), new), html)


def _kind(title: str, changes: list[str], page: str, link: str) -> str:
    shown = "".join(f"<li>{_absolute(change, page)}</li>" for change in changes[:MOST])
    more = f'<p><a href="{link}">All {len(changes)}</a></p>' * (len(changes) > MOST)
    return f"<h2>{title}</h2><ul>{shown}</ul>{more}"


def _absolute(html: str, base: str) -> str:
    """For a reader of feeds: links that lead somewhere, and no classes of ours."""
    linked = re.sub(r'\bhref="([^"]*)"', lambda found: f'href="{urljoin(base, found[1])}"', html)
    return re.sub(r' (?:class|id|title)="[^"]*"', "", linked).strip()


class Dates:
    """When a release came out."""

    def __init__(self, project: Project) -> None:
        settings = tomllib.loads((project.root / "pyproject.toml").read_text())["tool"]["greenlit"]
        self._typed: dict[str, dict[str, datetime.date]] = settings.get("released", {})
        packages: list[dict[str, Any]] = tomllib.loads((project.root / "uv.lock").read_text())["package"]
        self._locked = {package["name"]: package for package in packages}

    def of(self, package: str, version: str) -> datetime.date:
        locked = self._locked.get(package, {})
        if f"{locked.get('version', '')}.".startswith(f"{version}."):
            files = [locked["sdist"]] if "sdist" in locked else locked["wheels"]
            stamp: str = files[0]["upload-time"]
            return datetime.date.fromisoformat(stamp[:10])
        if version not in self._typed.get(package, {}):
            raise Mistake(
                f'pyproject.toml: [tool.greenlit.released] has no date of {package} "{version}": '
                "add the day on which it came out, for the feed"
            )
        return self._typed[package][version]


def atom(site: str, found: list[Entry]) -> str:
    etree.register_namespace("", ATOM)
    feed = etree.Element(f"{{{ATOM}}}feed")

    def add(to: etree.Element, tag: str, text: str = "", **attributes: str) -> etree.Element:
        made = etree.SubElement(to, f"{{{ATOM}}}{tag}", attributes)
        made.text = text or None
        return made

    add(feed, "id", uuid.uuid5(SPACE, "feed").urn)
    add(feed, "title", "Greenlit: what is new, and what releases changed")
    add(feed, "updated", _instant(max(entry.updated for entry in found)))
    add(feed, "link", rel="self", type="application/atom+xml", href=f"{site}{NAME}")
    add(feed, "link", rel="alternate", type="text/html", href=f"{site}{CHANGELOG}")
    add(add(feed, "author"), "name", "Greenlit")
    for entry in found:
        one = add(feed, "entry")
        add(one, "id", entry.identity)
        add(one, "title", entry.title)
        add(one, "updated", _instant(entry.updated))
        add(one, "link", rel="alternate", type="text/html", href=entry.link)
        add(one, "content", entry.html, type="html")
    etree.indent(feed)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{etree.tostring(feed, encoding="unicode")}\n'


def _instant(date: datetime.date) -> str:
    return f"{date.isoformat()}T00:00:00Z"
