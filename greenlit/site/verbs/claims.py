"""Sentences that are run, each with where it does not hold and the function that proves it."""

from __future__ import annotations

import re
import xml.etree.ElementTree as etree
from html import escape
from itertools import starmap

from greenlit import Mistake
from greenlit.claim import Claim, listed, releases_of
from greenlit.project import Project
from greenlit.record import Record, Run
from greenlit.site import targets
from greenlit.site.markup import code
from greenlit.site.page import Page
from greenlit.site.verbs.code import run_here

EXAMPLE = "errors/server_side_cursors/claims"
TARGET = targets.CLAIMS
UNSEARCHED = {"data-search-exclude": ""}


def check(project: Project, target: str) -> None:
    targets.claims_in(project, target)


def render(page: Page, target: str) -> etree.Element:
    snippet, claims = targets.claims_in(page.project, target)
    runs = Record.of(snippet).runs
    if not runs:
        raise Mistake(f"nothing is recorded for {snippet.shown_path}: run 'make update'")
    box = etree.Element("div", {"class": "gl-claims", **run_here(snippet)})
    sentences = etree.SubElement(box, "ul")
    for claim in claims:
        exceptions = claim.exceptions(runs)
        item = etree.SubElement(sentences, "li", {"id": claim.anchor})
        if exceptions:
            item.attrib["class"] = "gl-somewhere"
        sentence = etree.SubElement(item, "p")
        sentence.text = f"{claim.sentence} "
        link = etree.SubElement(
            sentence, "a", {"class": "headerlink", "href": f"#{claim.anchor}", **UNSEARCHED}
        )
        link.text, link.attrib["title"] = "¶", "Permanent link"
        page.add(item, "".join(starmap(_exception, exceptions.items())) + _proof(claim))
    footer = etree.SubElement(box, "p", {"class": "gl-proven", **UNSEARCHED})
    footer.text = _footer(claims, runs)
    etree.SubElement(footer, "a", {"href": f"/{snippet.shown_path}"}).text = "The whole file"
    return box


def _exception(reason: str, where: str) -> str:
    return f'<p class="gl-not"><strong>Not {escape(where)}</strong>: {_why(reason)}</p>'


def _why(reason: str) -> str:
    if reason.startswith("assert "):
        return f"there <code>{escape(reason)}</code> fails"
    if re.match(r"[A-Z]\w+(: |$)", reason):
        return f"<code>{escape(reason)}</code>"
    return code.prose(reason)


def _proof(claim: Claim) -> str:
    return (
        f'<details class="gl-claim" data-search-exclude><summary>How it is run</summary>'
        f'<div class="gl"><div class="language-python highlight no-copy">{code.block(claim.source)}</div></div></details>'
    )


def _footer(claims: tuple[Claim, ...], runs: list[Run]) -> str:
    lines = [f"{name} {listed(versions, 'and')}" for name, versions in releases_of(runs).items()]
    many = "Each of these sentences" if len(claims) > 1 else "This sentence"
    everywhere = all(claim.holds(run) for claim in claims for run in runs)
    ending = "holds on all of them" if everywhere else "holds on all of them but those that are named"
    return f"{many} is run on {listed(sorted({run.driver for run in runs}), 'and')} with {', '.join(lines)}, and {ending}. "
