"""The examples in the toolkit's docstrings, on every driver."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import pytest
from pytest_examples import CodeExample, EvalExample, find_examples

from greenlit import DRIVERS, ROOT, SNIPPETS
from greenlit.database import Stage

TOOLKIT = SNIPPETS / "toolkit"


@pytest.fixture(autouse=True)
def _as_copied(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A reader has the module beside the code that imports it."""
    monkeypatch.syspath_prepend(str(TOOLKIT))
    yield


def _examples() -> Iterator[object]:
    for example in find_examples(TOOLKIT):
        name = f"{example.path.relative_to(SNIPPETS)}:{example.start_line}"
        for driver in DRIVERS:
            yield pytest.param(example, driver, id=f"{name}-{driver}", marks=pytest.mark.xdist_group(name))


@pytest.mark.parametrize("example, driver", list(_examples()))
def test_docstring(example: CodeExample, driver: str, stage: Stage, eval_example: EvalExample) -> None:
    # In --record mode, on the first driver, what they print is written into the docstring.
    eval_example.set_config(line_length=90)
    with patch.dict(os.environ, {"DATABASE_URL": stage.fresh(driver)}):
        if eval_example.update_examples and driver == next(iter(DRIVERS)):
            eval_example.run_print_update(example)
        else:
            eval_example.run_print_check(example)


def test_every_module_has_examples_and_a_page() -> None:
    documented = "".join(page.read_text() for page in (ROOT / "docs" / "reference").glob("*.md"))
    with_examples = {Path(example.path).stem for example in find_examples(TOOLKIT)}
    for module in TOOLKIT.glob("*.py"):
        assert module.stem in with_examples, f"{module.name}: no docstring of it has an example: write one"
        assert f"::: {module.stem}" in documented, f"{module.name}: no page in docs/reference documents it"
