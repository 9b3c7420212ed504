"""The calculator's form in a real browser: what it says for what is typed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, sync_playwright

from greenlit.project import HERE
from greenlit.site.browsers import CHROMIUM, missing
from greenlit.site.generated import script
from greenlit.site.verbs import calculator

TYPE = """given => {
    const form = document.forms[0];
    form.reset();
    for (const [name, value] of Object.entries(given)) form.elements[name].value = value;
    form.dispatchEvent(new InputEvent("input"));
}"""
SAID = """() => [...document.querySelectorAll("dl > div")].map(
    (row) => [row.querySelector("dt").textContent, [row.querySelector("dd").textContent, row.className]])"""
# The theme's stream of pages, and a count of the listeners, from before the script runs.
BEFORE = """
window.listeners = 0;
const add = HTMLFormElement.prototype.addEventListener;
HTMLFormElement.prototype.addEventListener = function (...given) { window.listeners++; add.apply(this, given); };
"""
STREAM = "window.document$ = { subscribe: (arm) => (window.arm = arm) };"
BAD = "gl-bad"


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    if CHROMIUM is None:
        pytest.skip(missing("chromium"))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield browser.new_page()
        browser.close()


@pytest.fixture
def form(page: Page) -> Page:
    return opened(page, BEFORE + STREAM)


def opened(page: Page, before: str) -> Page:
    page.goto("about:blank")
    page.set_content(calculator.form())
    page.evaluate(f"() => {{ {before} }}")
    page.add_script_tag(content=script("calculator", ["arithmetic"], "start();"))
    return page


def said(page: Page) -> dict[str, list[str]]:
    return dict(page.evaluate(SAID))


def test_the_values_that_stand_in_the_form(form: Page) -> None:
    """8 processes, 5 + 10 connections each; 1100 requests a second hold one for 50 ms."""
    assert said(form) == {
        "At worst": ["120 connections: 8 processes × 15. The server has 97.", BAD],
        "In use on average": ["55 in all, 6.9 in each process (Little's law).", ""],
        "Utilisation of the pool": ["46 %", ""],
        "Mean wait for a connection": ["0.0 ms at most", ""],
        "The limit that you hit first": [
            "the server, at 1940 requests a second: it refuses connections that the pools still allow.",
            "",
        ],
        "Large enough": ["pool_size=10, max_overflow=0 in each process: 3.3 ms of waiting.", ""],
    }
    code = "create_async_engine(\n    url,\n    pool_size=10,\n    max_overflow=0,\n    pool_timeout=5,\n    pool_pre_ping=True,\n)"
    assert form.locator("pre code").text_content() == code


ONE = {"workers": "1", "replicas": "1", "maxOverflow": "0"}


@pytest.mark.parametrize(
    "typed, name, text, kind",
    [
        # Fits: exactly, and not.
        ({"maxConnections": "123"}, "At worst", "120 connections: 8 processes × 15. The server has 120.", ""),
        ({"maxConnections": "122"}, "At worst", "120 connections: 8 processes × 15. The server has 119.", BAD),
        # A digit after the point below ten, none from there on; half a unit is rounded.
        ({**ONE, "rate": "500"}, "In use on average", "10 in all, 10 in each process (Little's law).", ""),
        ({"rate": "498"}, "In use on average", "10.0 in all, 1.2 in each process (Little's law).", ""),
        ({"rate": "580"}, "In use on average", "12 in all, 1.4 in each process (Little's law).", ""),
        # The pool: not much of it, nine tenths, more than all.
        ({**ONE, "poolSize": "10", "rate": "449"}, "Utilisation of the pool", "90 %", ""),
        ({**ONE, "poolSize": "10", "rate": "450"}, "Utilisation of the pool", "90 %", BAD),
        ({**ONE, "poolSize": "1", "rate": "25"}, "Mean wait for a connection", "20 ms at most", ""),
        ({**ONE, "poolSize": "1", "rate": "26"}, "Mean wait for a connection", "22 ms at most", BAD),
        (
            {**ONE, "poolSize": "1", "rate": "50"},
            "Mean wait for a connection", "without end: more comes in than goes out.", BAD,
        ),
        # The first limit, rounded down.
        ({"maxOverflow": "0", "heldMs": "30"}, "The limit that you hit first", "the pool, at 1333 requests a second.", ""),
        (
            {"heldMs": "60"},
            "The limit that you hit first",
            "the server, at 1616 requests a second: it refuses connections that the pools still allow.", "",
        ),
        (
            {"rate": "8000"},
            "Large enough",
            "none: each process needs 24 connections, and the server has 12 for each. "
            "Use fewer processes, a shorter hold, a larger max_connections, or PgBouncer.", BAD,
        ),
        # What is missing or too little counts as the least that the field allows.
        ({"workers": "", "replicas": "0"}, "At worst", "15 connections: 1 process × 15. The server has 97.", ""),
        ({"reserved": "-7", "maxOverflow": "0"}, "At worst", "40 connections: 8 processes × 5. The server has 100.", ""),
    ],
)  # fmt: skip
def test_what_is_typed(form: Page, typed: dict[str, str], name: str, text: str, kind: str) -> None:
    form.evaluate(TYPE, {"rate": "400", "heldMs": "20", **typed})
    assert said(form)[name] == [text, kind]


@pytest.mark.parametrize(
    "file, words",
    [
        ("pool/index/start.py", "pool_size=10,"),
        ("lifecycle/setup/production.py", '"POOL_SIZE", "10"'),
        ("application/shop/app/settings.py", "pool_size: int = 10\n"),
        ("toolkit/examples/sessions_production.py", "pool_size=10,"),
    ],
)
def test_what_the_guides_copy_is_its_answer(form: Page, file: str, words: str) -> None:
    """One number everywhere: the guide says for which load it is."""
    answer = form.locator("pre code").text_content() or ""
    assert "pool_size=10," in answer
    assert words in (HERE.snippets / file).read_text()
    guide = (HERE.docs / "guides" / "pool" / "index.md").read_text()
    assert "1,100 requests a second that each hold one for 50 ms" in guide
    fields = {name: value for name, _, value, *_ in calculator.FIELDS}
    assert (fields["rate"], fields["heldMs"], fields["workers"] * fields["replicas"]) == (1100, 50, 8)


MARKED = """() => [...document.forms[0].elements].filter((field) => field.ariaInvalid === "true")
    .map((field) => [field.name, document.getElementById(field.getAttribute("aria-describedby")).textContent])"""


@pytest.mark.parametrize(
    "name, typed, note",
    [
        ("workers", "0", "Counts as 1. From 1 to 1000."),
        ("workers", "", "Counts as 1. From 1 to 1000."),
        ("workers", "2.5", "Counts as 2. From 1 to 1000."),
        ("maxConnections", "1e300", "Counts as 262143. From 1 to 262143."),
        ("heldMs", "0", "Counts as 0.1. From 0.1 to 3600000."),
        ("rate", "1e308", "Counts as 1000000. From 0 to 1000000."),
        ("reserved", "-1", "Counts as 0. From 0 to 262143."),
    ],
)
def test_what_counts_as_something_else_is_marked(form: Page, name: str, typed: str, note: str) -> None:
    assert form.evaluate(MARKED) == []
    form.evaluate(TYPE, {name: typed})
    assert form.evaluate(MARKED) == [[name, note]]
    form.evaluate(TYPE, {name: "1"})
    assert form.evaluate(MARKED) == []


def test_numbers_at_the_ends_of_their_ranges(form: Page) -> None:
    form.evaluate(TYPE, {"rate": "1e6", "heldMs": "3600000", "workers": "1000", "replicas": "10000"})
    assert form.evaluate(MARKED) == []
    form.evaluate(TYPE, {"workers": "1", "rate": "0.5", "heldMs": "0.1"})
    assert form.evaluate(MARKED) == []


def test_the_worst_that_can_be_typed_is_answered_between_two_keystrokes(form: Page) -> None:
    """In less time than the first pool takes that this computer can try one after the other."""
    form.evaluate(
        TYPE, {"rate": "1e308", "heldMs": "1e308", "workers": "1", "replicas": "1", "poolSize": "1e9"}
    )
    assert "more than 262143 connections" in said(form)["Large enough"][0]
    tried = form.evaluate(
        """() => {
            const begun = performance.now();
            document.forms[0].dispatchEvent(new InputEvent("input"));
            const took = performance.now() - begun;
            let sum = 0;
            for (let n = 1; n < 3e7; n++) sum = (3600 * sum + 1) / (n + 3600 * sum);
            return [took, performance.now() - begun - took, sum];
        }"""
    )
    assert tried[0] < tried[1], f"{tried[0]:.0f} ms for an answer, {tried[1]:.0f} ms for thirty million steps"


def test_a_form_is_armed_once_and_each_new_one_after_navigation(form: Page) -> None:
    assert form.evaluate("listeners") == 1
    form.evaluate("arm()")
    assert form.evaluate("listeners") == 1
    form.evaluate("html => { document.body.innerHTML = html; arm(); }", calculator.form())
    assert form.evaluate("listeners") == 2 and len(said(form)) == 6


def test_without_instant_navigation(page: Page) -> None:
    """A page opened as a file has no stream of pages: the script runs through all the same."""
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    opened(page, BEFORE)
    assert len(said(page)) == 6 and not errors
