"""What a rule of the census is, and the list of all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from greenlit.census.survey import Survey

Rule = Callable[[Survey], Iterator[str]]
"""It yields lines of the form `file:line: what is wrong: the remedy`. Its name is the sentence that must be true."""

RULES: dict[str, Rule] = {}


def rule(function: Rule) -> Rule:
    RULES[function.__name__] = function
    return function
