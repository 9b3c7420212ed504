"""The toolkit's examples, in docstrings and in files of their own, on every driver."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import pytest
from pytest_examples import CodeExample, EvalExample, find_examples

from greenlit import DRIVERS
from greenlit.project import HERE
from greenlit.proof import toolkit_cost
from greenlit.proof.database import Stage
from greenlit.proof.output import WholeFile

TOOLKIT = HERE.snippets / "toolkit"
EXAMPLES = TOOLKIT / "examples"
REFERENCE = HERE.docs / "reference"

LONGEST_MODULE = 300
"""Lines. What is longer, nobody reads before pasting it."""


@pytest.fixture(autouse=True)
def _as_copied(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A reader has the module beside the code that imports it."""
    monkeypatch.syspath_prepend(str(TOOLKIT))
    yield


def _on_every_driver(examples: dict[str, CodeExample]) -> list[object]:
    return [
        pytest.param(example, driver, id=f"{name}-{driver}")
        for name, example in examples.items()
        for driver in DRIVERS
    ]


def _in_docstrings() -> dict[str, CodeExample]:
    modules = sorted(str(path) for path in TOOLKIT.glob("*.py"))
    return {f"{e.path.relative_to(HERE.snippets)}:{e.start_line}": e for e in find_examples(*modules)}


def _in_files() -> dict[str, CodeExample]:
    files = sorted(EXAMPLES.glob("*.py"))
    return {
        str(path.relative_to(HERE.snippets)): WholeFile.create(path.read_text(), path=path) for path in files
    }


@pytest.mark.parametrize("example, driver", _on_every_driver(_in_docstrings()))
def test_docstring(example: CodeExample, driver: str, stage: Stage, eval_example: EvalExample) -> None:
    eval_example.set_config(line_length=90)
    _run(example, driver, stage, eval_example)


@pytest.mark.parametrize("example, driver", _on_every_driver(_in_files()))
def test_file(example: CodeExample, driver: str, stage: Stage, eval_example: EvalExample) -> None:
    eval_example.set_config(line_length=110)
    _run(example, driver, stage, eval_example)


def _run(example: CodeExample, driver: str, stage: Stage, eval_example: EvalExample) -> None:
    with patch.dict(os.environ, {"DATABASE_URL": stage.fresh(driver)}):
        # With --update-examples, on the first driver, what it prints is written below its prints.
        if eval_example.update_examples and driver == next(iter(DRIVERS)):
            eval_example.run_print_update(example)
        else:
            eval_example.run_print_check(example)


def test_every_module_has_examples_and_a_page() -> None:
    documented = "".join(page.read_text() for page in REFERENCE.glob("*.md"))
    stems = {path.stem for path in EXAMPLES.glob("*.py")}
    with_examples = {Path(example.path).stem for example in _in_docstrings().values()}
    for module in TOOLKIT.glob("*.py"):
        shown = module.stem in with_examples or any(stem.startswith(module.stem) for stem in stems)
        assert shown, (
            f"{module.name}: nothing shows how to use it: write toolkit/examples/{module.stem}_idea.py"
        )
        assert f"::: {module.stem}" in documented, f"{module.name}: no page in docs/reference documents it"


def test_every_example_is_on_the_page_of_its_module() -> None:
    for path in EXAMPLES.glob("*.py"):
        name = path.relative_to(HERE.snippets).with_suffix("").as_posix()
        sections = HERE.snippet(name).sections
        assert sections, f"{name}.py: mark what the page is to show: # --8<-- [start:words]"
        modules = [module.stem for module in TOOLKIT.glob("*.py") if path.stem.startswith(module.stem)]
        assert modules, f"{name}.py: begin its name with a module's"
        page = (REFERENCE / f"{modules[0]}.md").read_text()
        for section in sections:
            assert f"@code {name}#{section}" in page, (
                f"{name}.py: place '@code {name}#{section}' on {modules[0]}.md"
            )


@pytest.mark.parametrize("module", toolkit_cost.WATCHERS)
def test_a_module_that_watches_states_its_cost(module: str) -> None:
    assert toolkit_cost.stated(module), (
        f"{module}.py: say what it costs, in the words of toolkit_cost.SENTENCE"
    )


@pytest.mark.parametrize("module", sorted(TOOLKIT.glob("*.py")), ids=lambda path: path.stem)
def test_a_module_is_short(module: Path) -> None:
    length = len(module.read_text().splitlines())
    assert length <= LONGEST_MODULE, f"{module.name} has {length} lines, {LONGEST_MODULE} are the most"
