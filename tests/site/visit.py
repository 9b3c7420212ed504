"""What the tests of the site share: its pages, a visit to one in a browser, and what axe objects to there."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from axe_playwright_python.base import AXE_FILE_PATH
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Route, ViewportSize

from greenlit.project import HERE
from greenlit.site.moved import address

EXAMPLE = "guides/expiry/read_after_commit/"
DESKTOP, PHONE = ViewportSize(width=1300, height=900), ViewportSize(width=360, height=780)

AS_PUBLISHED = {"x-headers": "as-published"}
STRICT = {"extra_http_headers": AS_PUBLISHED, "bypass_csp": False}
"""For a visit under the policy of the page and of the header. In others, Playwright may wait for an expression to be true."""

# Playwright calls what a script ends with, if it is a function.
JUDGE = "\n".join(Path(__file__).with_name(name).read_text() for name in ("looks.js", "judge.js")) + "\n0"
AXE = AXE_FILE_PATH.name
# Milliseconds: on a busy machine the long pages take more than the 30 seconds of Playwright.
SLOWEST = 180_000

# Scripts that wait for the page, a frame or a quiet moment have had their turn. A browser owes a page no frame: so not for ever.
SETTLED = """() => document.fonts.ready.then(() => new Promise((settled) => {
    setTimeout(settled, 5000, true);
    requestAnimationFrame(() => requestAnimationFrame(() => requestIdleCallback(() => settled(true))));
}))"""


def page_urls() -> list[str]:
    """The address of every page, relative to the site's."""
    return [address(path.relative_to(HERE.docs).as_posix()) for path in HERE.pages()]


def refused(route: Route) -> None:
    """As by a blocker, or a line that is down."""
    route.abort()


@dataclass(frozen=True)
class Site:
    folder: Path
    url: str

    def html(self, page: str) -> str:
        return (self.folder / page / "index.html").read_text()


LOOKS = ["color-contrast", "link-in-text-block"]
"""What axe says of the looks of a page alone."""

LIGHT = """document.querySelector("[data-md-color-media*=light]").click()"""

# Colours must not be judged while they change.
CHANGED = """for (const change of document.getAnimations()) change.finish()"""

FORGET_SCHEME = """for (const key of Object.keys(localStorage)) if (key.endsWith("__palette")) localStorage.removeItem(key)"""


class Visit:
    """A page in a browser, and all that it complained of or asked for."""

    def __init__(self, context: BrowserContext, site: Site) -> None:
        self.site, self.page = site, context.new_page()
        self.errors: list[str] = []
        self.requests: list[str] = []
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))

    def go(self, path: str, *, scripts: bool = True) -> Visit:
        self.errors.clear()
        self.requests.clear()
        self.page.goto(self.site.url + path)
        if scripts:
            self.page.wait_for_function(SETTLED, polling=100)
        return self

    def light(self) -> None:
        self.page.set_viewport_size(DESKTOP)
        self.page.evaluate(LIGHT)
        self.page.wait_for_selector("body[data-md-color-scheme=default]")
        self.page.evaluate(CHANGED)
        self.page.wait_for_function(SETTLED, polling=100)
        self.page.evaluate(CHANGED)  # What the width has begun: the tabs fade in when there is room for them.

    def objections(self, rules: list[str] | None = None) -> list[str]:
        """All that is wrong with the page as it is shown, one a line; axe first, as late errors come meanwhile."""
        return violations(self.page, rules) + self.complaints()

    def complaints(self) -> list[str]:
        """What needs no axe to be wrong."""
        width = self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        found = [f"sideways scroll: {width} px"] * (width > 0)
        found += [f"console: {error}" for error in self.errors]
        found += [
            f"foreign request: {url}" for url in self.requests if not url.startswith((self.site.url, "data:"))
        ]
        return found

    def _said(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.errors.append(message.text)


def violations(page: Page, rules: list[str] | None = None) -> list[str]:
    if not page.evaluate("'judge' in window"):
        # By its address, the browser keeps the compiled script for the next page.
        page.add_script_tag(url=f"/{AXE}")
        page.evaluate(JUDGE)
    found: list[str] = page.wait_for_function(
        "(rules) => judge(rules)", arg=rules, polling=100, timeout=SLOWEST
    ).json_value()
    return found


def objections(tab: Visit) -> list[str]:
    """To a page that was gone to as on a phone in the dark; at the end it is shown as on a desktop in the light."""
    dark = tab.objections(LOOKS)
    tab.light()
    return [f"dark phone: {line}" for line in dark] + [f"light desktop: {line}" for line in tab.objections()]
