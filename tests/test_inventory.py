"""The proof is as large as it is said to be: tests/inventory.txt."""

from __future__ import annotations

import os

import pytest

from greenlit.census import Survey, inventory
from greenlit.project import HERE


def test_no_snippet_is_missing() -> None:
    known, _, _ = inventory.PATH.read_text().partition(inventory.TESTS)
    _reject(known, inventory.of_snippets(Survey(HERE)), "make update")


def test_no_test_is_missing(request: pytest.FixtureRequest) -> None:
    """Only where all were collected: `make test ONLY=...` asks for some."""
    options = request.config.option
    some = options.keyword or options.markexpr or options.deselect or options.ignore or options.ignore_glob
    if some or not _asks_for_all(request.config):
        assert "CI" not in os.environ, "this run has left tests out: where the docs are proven, all are run"
        return
    names = [item.nodeid for item in request.session.items]
    proven = {name.removeprefix(inventory.PROOF) for name in names if name.startswith(inventory.PROOF)}
    claimed = {f"[{snippet.name}-{driver}]" for snippet in HERE.all() for driver in snippet.drivers}
    assert proven == claimed, "every snippet is run on every driver that it claims"
    _, _, known = inventory.PATH.read_text().partition(inventory.TESTS)
    _reject(inventory.TESTS + known, inventory.of_tests(names), "make inventory")


def _asks_for_all(config: pytest.Config) -> bool:
    asked = {(config.invocation_params.dir / arg).resolve() for arg in config.args}
    return asked == {HERE.root / "tests"}


def _reject(known: str, found: str, remedy: str) -> None:
    if difference := inventory.first_difference(known, found):
        pytest.fail(
            f"tests/inventory.txt: the proof is not what it says. If that is what you meant, run '{remedy}' "
            f"and review the diff\n{difference}",
            pytrace=False,
        )
