"""The check of all pages finds what is wrong: copies of built pages, each with one planted fault."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

import pytest
from playwright.sync_api import Route

from tests.site.visit import EXAMPLE, Site, Visit, objections

ERROR = "guides/errors/stale_data/"
FOOTER = '<div class="md-copyright__highlight"'
TOKEN = '<span class="k"'
PALE_ON_DARK = "<style>[data-md-color-scheme=slate] .gl-tabs > label { color: #4a4f4c !important }</style>"
PALE_ON_LIGHT = "<style>[data-md-color-scheme=default] .gl-tabs > label { color: #a9b5ae !important }</style>"


class Fault(NamedTuple):
    page: str
    before: str
    """The fault stands before the first occurrence of this; it stands in its place if it contains it."""
    planted: str
    reported: str


END = "</article>"
POLICY = re.compile("<meta http-equiv=Content-Security-Policy [^>]*>")
FAULTS = {
    "no label": Fault(EXAMPLE, END, "<input type=text>", "label:"),
    "image without alt": Fault(ERROR, END, "<img src=/assets/favicon.svg>", "image-alt:"),
    "link without text": Fault(ERROR, END, "<p><a href=/></a></p>", "link-name:"),
    "heading order": Fault(EXAMPLE, END, "<h6>Too deep</h6>", "heading-order:"),
    "role that is none": Fault("reference/ledger/", END, "<div role=nonsense>x</div>", "aria-roles:"),
    "button of no name": Fault("reference/ledger/", END, "<button aria-labelledby=gone></button>", "button-name:"),
    "list of no items": Fault(EXAMPLE, END, "<ul><p>no item</p></ul>", "list:"),
    "pale token": Fault(EXAMPLE, TOKEN, f'{TOKEN} style="color: #a9b5ae"', "color-contrast:"),
    "pale cell": Fault(ERROR, END, "<table><tr><td style='color: #4a4f4c'>pale</td></tr></table>", "color-contrast:"),
    "pale footer": Fault(ERROR, FOOTER, f'{FOOTER} style="opacity: .5"', "color-contrast:"),
    "pale tab, in the dark only": Fault(EXAMPLE, "</head>", PALE_ON_DARK, "dark phone: color-contrast:"),
    "pale tab, in the light only": Fault(EXAMPLE, "</head>", PALE_ON_LIGHT, "light desktop: color-contrast:"),
    "background of an ancestor": Fault(
        ERROR, END, "<div style='background: #5d6660'><p>As dark as its ground</p></div>", "color-contrast:",
    ),
    "background of a neighbour": Fault(
        EXAMPLE, END,
        "<div style='position: relative'><div style='position: absolute; inset: 0; background: #5d6660'></div>"
        "<p style='position: relative'>As dark as what lies below</p></div>", "color-contrast:",
    ),
    "link by its colour alone": Fault(
        ERROR, END, "<p>Text and <a href=/ style='text-decoration: none'>a link</a> in it</p>",
        "link-in-text-block:",
    ),
    "foreign request, late": Fault(
        EXAMPLE, END,
        "<script>addEventListener('load', () => requestIdleCallback(() => new Image().src = 'http://foreign.invalid/'))</script>",
        "foreign request: http://foreign.invalid/",
    ),
    "console error": Fault(EXAMPLE, END, "<script>console.error('no good')</script>", "console: no good"),
    "sideways scroll": Fault(EXAMPLE, END, "<div style='width: 500px'>wide</div>", "dark phone: sideways scroll:"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_planted_fault_is_reported(leaf: Callable[[str], Visit], site: Site, fault: Fault) -> None:
    """Also where the page has passed before, so that all of its looks are known."""
    clean = leaf(fault.page)
    assert objections(clean) == []
    html = POLICY.sub("", site.html(fault.page))  # It would refuse most of what is planted.
    assert fault.before in html, f"{fault.page} has no {fault.before} any more: plant the fault elsewhere"
    whole = fault.planted if fault.before in fault.planted else fault.planted + fault.before
    faulty = html.replace(fault.before, whole, 1)

    def serve(route: Route) -> None:
        route.fulfill(body=faulty, content_type="text/html")

    address = site.url + fault.page
    clean.page.route(address, serve)
    try:
        found = objections(leaf(fault.page))
    finally:
        clean.page.unroute(address)
    reported = tuple(place + fault.reported for place in ("", "dark phone: ", "light desktop: "))
    assert any(line.startswith(reported) for line in found), found
