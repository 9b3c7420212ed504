"""Nothing unshown, unresolved or undeclared. The rules are in greenlit/census.py."""

from __future__ import annotations

import pytest

from greenlit.census import RULES
from greenlit.project import HERE


@pytest.mark.parametrize("name", RULES)
def test_census(name: str) -> None:
    found = sorted(set(RULES[name](HERE)))
    if found:
        pytest.fail("\n".join(found), pytrace=False)
