"""Sentences that are run, each with where it does not hold and the function that proves it."""

from __future__ import annotations

import xml.etree.ElementTree as etree
from collections.abc import Iterator
from html import escape

from greenlit import Mistake
from greenlit.claim import Claim
from greenlit.project import Project
from greenlit.record import Record, Run
from greenlit.site import targets
from greenlit.site.markup import code
from greenlit.site.page import Page

EXAMPLE = "errors/server_side_cursors/claims"
TARGET = targets.CLAIMS

LINE = "SQLAlchemy"
"""What the release lines of claims are lines of."""


def check(project: Project, target: str) -> None:
    targets.claims_in(project, target)


def render(page: Page, target: str) -> etree.Element:
    snippet, claims = targets.claims_in(page.project, target)
    runs = Record.of(snippet).runs
    if not runs:
        raise Mistake(f"nothing is recorded for {snippet.shown_path}: run 'make update'")
    box = etree.Element("div", {"class": "gl-claims"})
    sentences = etree.SubElement(box, "ul")
    for claim in claims:
        item = etree.SubElement(sentences, "li", {"id": claim.anchor})
        sentence = etree.SubElement(item, "p")
        sentence.text = f"{claim.sentence} "
        link = etree.SubElement(sentence, "a", {"class": "headerlink", "href": f"#{claim.anchor}"})
        link.text, link.attrib["title"] = "¶", "Permanent link"
        page.add(item, "".join(_exceptions(claim, runs)) + _proof(claim))
    footer = etree.SubElement(box, "p", {"class": "gl-proven"})
    footer.text = _footer(claims, runs)
    etree.SubElement(footer, "a", {"href": f"/{snippet.shown_path}"}).text = "The whole file"
    return box


def _exceptions(claim: Claim, runs: list[Run]) -> Iterator[str]:
    reasons: dict[str, list[Run]] = {}
    for run in runs:
        if not claim.holds(run):
            reasons.setdefault(claim.against(run), []).append(run)
    for reason, failing in reasons.items():
        where = ", ".join(_places(failing, runs))
        yield f'<p class="gl-not">Not {where}: <code>{escape(reason)}</code></p>'


def _places(failing: list[Run], runs: list[Run]) -> Iterator[str]:
    """In as few words as tell them apart: a driver, a release line, or one with the other."""
    rest = list(failing)
    for word in (_release, lambda run: run.driver):
        for name in dict.fromkeys(map(word, failing)):
            alike = [run for run in runs if word(run) == name]
            if len({*map(_release, runs)}) > 1 and all(run in rest for run in alike):
                yield f"with {name}" if word is _release else f"on {name}"
                rest = [run for run in rest if run not in alike]
    lines = {*map(_release, runs)}
    yield from (f"on {run.driver}" + (f" with {_release(run)}" if len(lines) > 1 else "") for run in rest)


def _release(run: Run) -> str:
    return f"{LINE} {'.'.join(run.proven[LINE].split('.')[:2])}"


def _proof(claim: Claim) -> str:
    return (
        f'<details class="gl-claim" data-search-exclude><summary>How it is run</summary>'
        f'<div class="gl"><div class="language-python highlight">{code.block(claim.source)}</div></div></details>'
    )


def _footer(claims: list[Claim], runs: list[Run]) -> str:
    versions = sorted({run.proven[LINE] for run in runs}, reverse=True)
    drivers = sorted({run.driver for run in runs})
    many = "Each of these sentences" if len(claims) > 1 else "This sentence"
    everywhere = all(claim.holds(run) for claim in claims for run in runs)
    ending = "holds on all of them" if everywhere else "holds on all of them but those that are named"
    return f"{many} is run on {', '.join(drivers)} with {LINE} {' and '.join(versions)}, and {ending}. "
