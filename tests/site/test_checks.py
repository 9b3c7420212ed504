"""The check of all pages finds what is wrong: copies of built pages, each with one planted fault."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal, NamedTuple

import pytest
from playwright.sync_api import Route

from tests.site.visit import EXAMPLE, Site, Visit

pytestmark = pytest.mark.xdist_group("site")

LIGHT: Final = "light"
DARK: Final = "dark"
ERROR = "guides/errors/stale_data/"
FOOTER = '<div class="md-copyright__highlight"'
TOKEN = '<span class="k"'
PALE_ON_DARK = (
    "<style>[data-md-color-scheme=slate] .tabbed-labels label { color: #4a4f4c !important }</style>"
)


class Fault(NamedTuple):
    scheme: Literal["light", "dark"]
    page: str
    before: str
    """The fault stands before the first occurrence of this; it stands in its place if it contains it."""
    planted: str
    reported: str


END = "</article>"
FAULTS = {
    "no label": Fault(LIGHT, EXAMPLE, END, "<input type=text>", "label:"),
    "image without alt": Fault(DARK, ERROR, END, "<img src=/assets/favicon.svg>", "image-alt:"),
    "link without text": Fault(LIGHT, ERROR, END, "<p><a href=/></a></p>", "link-name:"),
    "heading order": Fault(DARK, EXAMPLE, END, "<h6>Too deep</h6>", "heading-order:"),
    "role that is none": Fault(LIGHT, "reference/ledger/", END, "<div role=nonsense>x</div>", "aria-roles:"),
    "button of no name": Fault(DARK, "reference/ledger/", END, "<button aria-labelledby=gone></button>", "button-name:"),
    "list of no items": Fault(LIGHT, EXAMPLE, END, "<ul><p>no item</p></ul>", "list:"),
    "pale token": Fault(LIGHT, EXAMPLE, TOKEN, f'{TOKEN} style="color: #a9b5ae"', "color-contrast:"),
    "pale cell": Fault(DARK, ERROR, END, "<table><tr><td style='color: #4a4f4c'>pale</td></tr></table>", "color-contrast:"),
    "pale footer": Fault(LIGHT, ERROR, FOOTER, f'{FOOTER} style="opacity: .5"', "color-contrast:"),
    "pale tab, in the dark only": Fault(DARK, EXAMPLE, "</head>", PALE_ON_DARK, "color-contrast:"),
    "background of an ancestor": Fault(
        LIGHT, ERROR, END, "<div style='background: #5d6660'><p>As dark as its ground</p></div>", "color-contrast:",
    ),
    "background of a neighbour": Fault(
        LIGHT, EXAMPLE, END,
        "<div style='position: relative'><div style='position: absolute; inset: 0; background: #5d6660'></div>"
        "<p style='position: relative'>As dark as what lies below</p></div>", "color-contrast:",
    ),
    "link by its colour alone": Fault(
        LIGHT, ERROR, END, "<p>Text and <a href=/ style='text-decoration: none'>a link</a> in it</p>",
        "link-in-text-block:",
    ),
    "foreign request, late": Fault(
        DARK, EXAMPLE, END,
        "<script>addEventListener('load', () => requestIdleCallback(() => new Image().src = 'http://foreign.invalid/'))</script>",
        "foreign request: http://foreign.invalid/",
    ),
    "console error": Fault(LIGHT, EXAMPLE, END, "<script>console.error('no good')</script>", "console: no good"),
    "sideways scroll": Fault(DARK, EXAMPLE, END, "<div style='width: 500px'>wide</div>", "sideways scroll:"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_planted_fault_is_reported(leaf: Callable[..., Visit], site: Site, fault: Fault) -> None:
    """Also where the page has passed before, so that all of its looks are known."""
    clean = leaf(fault.page, fault.scheme)
    assert clean.objections() == []
    html = site.html(fault.page)
    assert fault.before in html, f"{fault.page} has no {fault.before} any more: plant the fault elsewhere"
    whole = fault.planted if fault.before in fault.planted else fault.planted + fault.before
    faulty = html.replace(fault.before, whole, 1)

    def serve(route: Route) -> None:
        route.fulfill(body=faulty, content_type="text/html")

    address = site.url + fault.page
    clean.page.route(address, serve)
    try:
        objections = leaf(fault.page, fault.scheme).objections()
    finally:
        clean.page.unroute(address)
    assert any(line.startswith(fault.reported) for line in objections), objections
