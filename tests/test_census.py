"""Nothing unshown, unresolved, undeclared or made up. The rules are in greenlit/census/."""

from __future__ import annotations

import re

import pytest

from greenlit.census import RULES, Survey
from greenlit.project import HERE


@pytest.fixture(scope="module")
def survey() -> Survey:
    return Survey(HERE)


@pytest.mark.parametrize("name", RULES)
def test_census(name: str, survey: Survey) -> None:
    found = sorted(set(RULES[name](survey)))
    if found:
        pytest.fail("\n".join(found), pytrace=False)


def test_every_rule_has_been_seen_to_fail() -> None:
    """By a test of the proof of the proof that names it."""
    cases = "".join(path.read_text() for path in (HERE.root / "tests" / "proof_of_proof").glob("test_*.py"))
    assert [name for name in RULES if not re.search(rf"\b{name}\b", cases)] == []
