"""Which browsers does this machine have, and how are they started? BROWSER=firefox asks for the other one.

Firefox is the distribution's: it speaks WebDriver BiDi by itself, and Playwright knows that as the channel of Mozilla's
own builds. What a test cannot ask of it: dark colours or less motion by preference, paper, a finger, a page without scripts.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, Playwright, sync_playwright

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FIREFOX = next(filter(None, map(shutil.which, ("firefox-esr", "firefox"))), None)
# Desktops and editors give the variable other values.
BROWSER = "firefox" if os.environ.get("BROWSER") == "firefox" else "chromium"

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SHIM = Path(__file__).with_name("older_firefox.cjs")


def missing(name: str) -> str:
    """Why there are no tests in it here; nothing if there are."""
    program, package = {"chromium": (CHROMIUM, "chromium"), "firefox": (FIREFOX, "firefox-esr")}[name]
    if program:
        return ""
    return (
        f"no {name.capitalize()} on PATH: install it ('apt-get install {package}') to run the browser tests"
    )


@contextlib.contextmanager
def driver() -> Iterator[Playwright]:
    """Playwright, for either of them."""
    before = os.environ.get("NODE_OPTIONS")
    os.environ["NODE_OPTIONS"] = f'{before or ""} --require="{SHIM}"'
    try:
        manager = sync_playwright()
        playwright = manager.__enter__()
    finally:
        os.environ.pop("NODE_OPTIONS")
        if before is not None:
            os.environ["NODE_OPTIONS"] = before
    with contextlib.ExitStack() as ended:
        ended.push(manager.__exit__)
        yield playwright


@contextlib.contextmanager
def launched(playwright: Playwright, name: str = BROWSER) -> Iterator[Browser]:
    """With a profile of its own, and ended for certain."""
    if name == "firefox":
        browser = playwright.firefox.launch(executable_path=FIREFOX, channel="moz-firefox")
    else:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
    with contextlib.closing(browser):
        yield browser
