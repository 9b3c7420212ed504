"""What the doctor leaves out of a text, and what it joins: source lines of libraries, values, a terminal's width."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest

from greenlit.doctor.diagnose import CLI
from tests.scripts import Script

Found = Callable[[str], list[Any]]
SAYS = "pool is full"
ASK = "module.doctor(given.catalogue)(given.text).map(({ score, yours, weak }) => [score, yours, weak])"
LIBRARY, OWN = "/app/.venv/lib/python3.12/site-packages/sqlalchemy/engine/base.py", "/app/orders.py"


@pytest.fixture(scope="module")
def found() -> Iterator[Found]:
    catalogue = [{"slug": "a", "rank": 0, "says": [SAYS]}]
    with closing(Script(CLI.with_name("diagnose.mjs"), ASK)) as script:
        yield lambda text: script({"catalogue": catalogue, "text": text})


def python(path: str) -> str:
    return f'  File "{path}", line 12, in f\n    raise Full("{SAYS}")\n    ^^^^^\nKeyError: 1'


def rich(path: str) -> str:
    return f"╭─── Traceback ───╮\n│ {path}:12 in  │\n│ f      │\n│   11 │  x  │\n│ ❱ 12 │ raise Full('{SAYS}') │\n╰────╯\nKeyError: 1"


def ipython(path: str) -> str:
    return f"File {path}:12, in f(self)\n     11     x\n---> 12     raise Full('{SAYS}')\n\nKeyError: 1"


def old_ipython(path: str) -> str:
    return f"{path} in f(self)\n     11     x\n---> 12     raise Full('{SAYS}')\n\nKeyError: 1"


def starlette(path: str) -> str:
    return f"File {path}, line 12, in f\n11. x\n12.     raise Full('{SAYS}')\n\nKeyError: 1"


def html(path: str) -> str:
    return f'<h2>KeyError: 1</h2>\n<p>File <span class="frame-filename">{path}</span>,\n\n<span>12.</span> raise Full("{SAYS}")\n'


def pytest_short(path: str) -> str:
    return f"{path}:12: in f\n    raise Full('{SAYS}')\nE   KeyError: 1"


def pytest_long(path: str) -> str:
    return (
        f"____ test ____\n    def f():\n>       raise Full('{SAYS}')\n\n{path}:12: KeyError\nE   KeyError: 1"
    )


def in_json(path: str) -> str:
    return '{"exc": "' + python(path).replace('"', '\\"').replace("\n", "\\n") + '"}'


FORMS = [python, rich, ipython, old_ipython, starlette, html, pytest_short, pytest_long, in_json]


@pytest.mark.parametrize("form", FORMS)
def test_the_source_of_a_library_is_left_out(found: Found, form: Callable[[str], str]) -> None:
    assert found(form(LIBRARY)) == []
    assert form is html or found(f"{form(LIBRARY)}\nFull: {SAYS}"), "what comes after it is read"
    assert found(form(OWN)), "a reader's own line is read"


@pytest.mark.parametrize("form", [python, ipython, starlette, pytest_short])
def test_the_innermost_line_of_the_readers_own_is_shown(found: Found, form: Callable[[str], str]) -> None:
    [(_, yours, _)] = found(f"{form('/app/main.py')}\n{form(OWN)}\n{form(LIBRARY)}\nFull: {SAYS}")
    assert OWN in yours and "raise Full" in yours
    [(_, yours, _)] = found(f"{form(LIBRARY)}\nFull: {SAYS}")
    assert yours is None


@pytest.mark.parametrize(
    "values",
    [
        f"│   {OWN}:12 in f │\n│ ╭──── locals ────╮ │\n│ │ text = '{SAYS}' │ │\n│ ╰───╯ │",
        f'  File "{OWN}", line 12, in f\n    await text\n          └ {SAYS!r}',
        f'{{"frames": [{{"name": "f", "locals": {{"a": "}}", "b": {{"c": "{SAYS}"}}}}}}]}}',
    ],
    ids=["rich", "loguru", "structlog"],
)
def test_values_are_left_out(found: Found, values: str) -> None:
    assert found(values) == []
    assert found(f"{values}\nFull: {SAYS}")


def test_lines_that_a_terminal_broke_are_joined(found: Found) -> None:
    long = f"{'x' * 75}the p"  # It breaks after 80 columns, within the word.
    assert len(long) == 80
    text = "\n".join(["y" * 80, "y" * 80, long, "ool is full"])
    assert found(text)
    assert found(text.replace("y" * 80, "y" * 79)) == [], "nothing shows that a terminal broke it"
    assert found("\n".join(["y" * 80, "y" * 80, f"{'x' * 71}, the pool", "is full"])), "a break between words"


def test_the_last_error_counts_more(found: Found) -> None:
    [(last, _, _)] = found(f"Traceback\nFullError: {SAYS}\n")
    [(before, _, _)] = found(f"Traceback\nFullError: {SAYS}\n{'x' * 800}\nOtherError: no\n")
    assert last == before + 5


@pytest.mark.parametrize(
    "text", ["OtherError: 1", "app.errors.UniqueViolation: 1", "sqlalchemy.exc.NoResultFound"]
)
def test_what_names_an_error(found: Found, text: str) -> None:
    [(score, _, _)] = found(f"{SAYS}\n{'x' * 800}\n{text}\n{SAYS}")
    [(without, _, _)] = found(f"{SAYS}\n{'x' * 800}\nno error\n{SAYS}")
    assert score == without + 5
