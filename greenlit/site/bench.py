"""What the site costs its readers and its builder, beside a stock Material site of the same pages: `make bench`

The stock site is built from the pages as Markdown, with all that they show, by Material as it comes. Only its fonts are the
reader's own, as ours are: nothing is fetched from elsewhere. Both are served compressed and opened in turn in one browser.
"""

from __future__ import annotations

import contextlib
import gzip
import json
import mimetypes
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser

from greenlit.project import HERE
from greenlit.site import browsers
from greenlit.site.canary import Quiet, serving

PAGES = {
    "home": "",
    "a guide": "guides/expiry/read_after_commit/",
    "the heaviest": "guides/expiry/refresh_expire_merge/",
    "an error": "guides/errors/missing_greenlet_lazy_relationship/",
}
ROUNDS = 5
LIGHTHOUSE = "lighthouse@12.8.2"
FLAGS = " ".join(["--headless", *browsers.ARGUMENTS])

STOCK = """
site_name: Stock
site_url: http://127.0.0.1/
theme: {name: material, font: false}
markdown_extensions: [admonition, attr_list, md_in_html, tables, pymdownx.details, pymdownx.highlight, pymdownx.superfences]
"""

SLOW_4G = {"offline": False, "latency": 150, "downloadThroughput": 1.6e6 / 8, "uploadThroughput": 750e3 / 8}
"""What Lighthouse calls a slow 4G, with a processor that is four times slower."""

PAINTS = """() => new Promise((done) => new PerformanceObserver((list) => done([
    performance.getEntriesByName("first-contentful-paint")[0].startTime, list.getEntries().at(-1).startTime,
])).observe({ type: "largest-contentful-paint", buffered: true }))"""


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        ours, stock = Path(folder) / "ours", Path(folder) / "stock"
        own = _timed("greenlit.site.build", str(ours))
        plain = _stock(ours, stock)
        print(
            f"strict build: {own:.1f} s; stock, not strict: {plain:.1f} s: {own / plain:.2f} x (target 1.50)"
        )
        with serving(ours, Compressed) as here, serving(stock, Compressed) as there, _browser() as browser:
            for name, path in PAGES.items():
                _paints(browser, name, here + path, there + path)
            _lighthouse(here)


def _timed(module: str, *arguments: str, cwd: Path = HERE.root) -> float:
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-m", module, *arguments], cwd=cwd, check=True, capture_output=True)
    return time.perf_counter() - begun


def _stock(ours: Path, stock: Path) -> float:
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder)
        (source / "mkdocs.yml").write_text(STOCK)
        for page in ours.rglob("index.md"):
            copy = source / "docs" / page.relative_to(ours)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(page, copy)
        return _timed("mkdocs", "build", "--quiet", "--site-dir", str(stock), cwd=source)


class Compressed(Quiet):
    """Serves as hosts do: text is compressed."""

    def do_GET(self) -> None:
        path = Path(self.translate_path(self.path))
        path = path / "index.html" if path.is_dir() else path
        if not path.is_file():
            return self.send_error(404)
        body, kind = path.read_bytes(), mimetypes.guess_type(path)[0] or "application/octet-stream"
        self.send_response(200)
        if kind.startswith(("text/", "application/j", "application/xml", "image/svg")):
            body = gzip.compress(body, 6)
            self.send_header("Content-Encoding", "gzip")
        for name, value in {"Content-Type": kind, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        return None


@contextlib.contextmanager
def _browser() -> Iterator[Browser]:
    with browsers.driver() as playwright, browsers.launched(playwright, "chromium") as browser:
        yield browser


def _paints(browser: Browser, name: str, *sites: str) -> None:
    """First and largest paint of ours and the stock page, by turns; the middle of some rounds."""
    tries: dict[str, list[tuple[float, float, int]]] = {site: [] for site in sites}
    for _ in range(ROUNDS):
        for site in sites:
            tries[site].append(_painted(browser, site))
    middle = [[statistics.median(column) for column in zip(*tries[site], strict=True)] for site in sites]
    said = "; ".join(
        f"{what} {own:.0f} {unit}, stock {plain:.0f} ({own / plain:.2f} x)"
        for what, unit, own, plain in zip(
            ("first paint", "largest", "loaded"), ("ms", "ms", "kB"), *middle, strict=True
        )
    )
    print(f"{name}, slow 4G: {said}")


def _painted(browser: Browser, url: str) -> tuple[float, float, int]:
    with browser.new_context(viewport={"width": 390, "height": 844}) as context:
        page = context.new_page()
        session = context.new_cdp_session(page)
        received: list[float] = []
        session.send("Network.enable")
        session.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
        session.send("Network.emulateNetworkConditions", SLOW_4G)
        session.send("Emulation.setCPUThrottlingRate", {"rate": 4})
        page.goto(url, wait_until="networkidle", timeout=120_000)
        first, largest = page.evaluate(PAINTS)
        return first, largest, round(sum(received) / 1000)


def _lighthouse(site: str) -> None:
    if shutil.which("npx") is None:
        return print(f"no npx on PATH: {LIGHTHOUSE} cannot judge the site")
    for name, path in PAGES.items():
        for form in ("desktop", "mobile"):
            print(f"{name}, {form}: {_judged(site + path, form)}")
    return None


def _judged(url: str, form: str) -> str:
    command = ["npx", "--yes", LIGHTHOUSE, url, "--quiet", "--output=json", f"--chrome-flags={FLAGS}"]
    done = subprocess.run(
        [*command, *(["--preset=desktop"] if form == "desktop" else [])],
        env={**os.environ, "CHROME_PATH": browsers.CHROMIUM or ""}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        return f"{LIGHTHOUSE} failed: {done.stderr.strip().splitlines()[-1:]}"
    report: dict[str, Any] = json.loads(done.stdout)
    scores = [f"{one['title'].lower()} {one['score'] * 100:.0f}" for one in report["categories"].values()]
    blocked = report["audits"]["total-blocking-time"]["numericValue"]
    return f"{', '.join(scores)}; blocked for {blocked:.0f} ms"


if __name__ == "__main__":
    main()
