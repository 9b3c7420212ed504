"""Links to other hosts: what is there, what is gone, what moved, what is slow. The other host is a server of the test."""

from __future__ import annotations

import asyncio
import http.server
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from greenlit.site.links import GONE, MOVED, NO_ANCHOR, UNSURE, Checker, Finding, foreign, report

PAGE = b'<h2 id="there">A</h2><a name=old>B</a><p id="semi;colon">C</p>'
REDIRECTS = {"/moved": (308, "/page"), "/for-now": (302, "/page"), "/loop": (301, "/loop")}


class Other(http.server.BaseHTTPRequestHandler):
    asked: Counter[str]
    release: threading.Event

    def do_GET(self) -> None:
        self.asked[self.path] += 1
        first = self.asked[self.path] == 1
        if self.path in REDIRECTS:
            status, target = REDIRECTS[self.path]
            return self._answer(status, Location=target)
        if self.path == "/slow":
            self.release.wait()
        if self.path == "/busy" and first:
            return self._answer(429, **{"Retry-After": "0"})
        if self.path == "/down" or (self.path == "/flaky" and first):
            return self._answer(503)
        statuses = {"/page": 200, "/busy": 200, "/flaky": 200, "/slow": 200, "/refuses": 403}
        return self._answer(statuses.get(self.path, 404))

    def _answer(self, status: int, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "text/html", "Content-Length": str(len(PAGE)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(PAGE)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def host() -> Iterator[str]:
    Other.asked, Other.release = Counter(), threading.Event()
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Other) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        Other.release.set()
        server.shutdown()


def check(*urls: str, timeout: float = 30) -> list[Finding]:
    return asyncio.run(Checker(tries=2, pause=0, timeout=timeout).check(urls))


def test_what_is_there_is_not_named(host: str) -> None:
    fine = (
        "/page",
        "/page#there",
        "/page#old",
        "/page#semi;colon",
        "/page#:~:text=word",
        "/for-now",
        "/busy",
        "/flaky",
    )
    assert check(*(host + path for path in fine)) == []
    assert Other.asked == {"/page": 2, "/for-now": 1, "/busy": 2, "/flaky": 2}


@pytest.mark.parametrize(
    ("path", "kind", "why"),
    [
        ("/gone", GONE, "status 404"),
        ("/down", GONE, "status 503"),
        ("/loop", GONE, "TooManyRedirects: more than 10 redirects"),
        ("/page#away", NO_ANCHOR, "no such id"),
        ("/refuses", UNSURE, "status 403"),
    ],
)
def test_what_is_not_there_is_named(host: str, path: str, kind: str, why: str) -> None:
    assert check(host + path) == [Finding(kind, host + path, why)]


def test_a_permanent_move_is_named_with_its_target(host: str) -> None:
    assert check(f"{host}/moved#there") == [Finding(MOVED, f"{host}/moved", f"to {host}/page")]


def test_a_host_that_does_not_answer_is_asked_again(host: str) -> None:
    (found,) = check(f"{host}/slow", timeout=0.2)
    assert (found.kind, found.why) == (GONE, "ReadTimeout")
    assert Other.asked["/slow"] == 2


def test_a_host_that_is_not_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    (found,) = check(f"http://127.0.0.1:{port}/")
    assert found.kind == GONE and found.why.startswith("ConnectError")


def test_the_report_says_on_which_pages_a_link_is(tmp_path: Path) -> None:
    links = """<a href="https://a.com/x#y">x</a> <a class="b" href="https://a.com/">y</a>
        <a href="http://127.0.0.1:8000/here/">ours</a> <a href="http://localhost:1/">no</a>
        <a href="https://api.example.com/">no</a> <a href="../">no</a>"""
    for name in ("", "one", "two"):
        (tmp_path / name).mkdir(exist_ok=True)
        canonical = f'<link rel="canonical" href="http://127.0.0.1:8000/{name}">'
        (tmp_path / name / "index.html").write_text(
            f"{canonical}<article>{links if name else chr(46)}</article>"
        )
    places = foreign(tmp_path)
    assert {url: len(found) for url, found in places.items()} == {"https://a.com/x#y": 2, "https://a.com/": 2}
    told = report([Finding(NO_ANCHOR, "https://a.com/x#y", "no such id")], places)
    assert told == (
        "## The anchor is not there\n\n- https://a.com/x#y (no such id), on /one, /two\n\n"
        "2 links to other hosts: 0 gone, 1 the anchor is not there."
    )
    assert "- https://a.com/x (status 404), on /one, /two\n" in report(
        [Finding(GONE, "https://a.com/x", "status 404")], places
    )
