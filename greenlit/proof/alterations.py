"""What `make mutants` alters in a script: each operator, number, text, condition and statement, one at a time."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from greenlit import Mistake
from greenlit.project import HERE

TOKEN = re.compile(
    r"""(?P<comment>//[^\n]*|/\*.*?\*/|import\ [^\n]*) | (?P<space>\s+)
    | (?P<template>`[^`]*`) | (?P<string>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')
    | (?P<number>0x[0-9a-f]+|\d+(?:\.\d+)?) | (?P<name>[A-Za-z_$][\w$]*)
    | (?P<operator>=>|\.\.\.|===|!==|[<>]=|&&|\|\||\?\?|\?\.|\+\+|--|[-+*/]=|[-+*/%<>=!?:;,.(){}\[\]])
    | (?P<unknown>.)""",
    re.VERBOSE | re.DOTALL,
)
INSTEAD = {
    "<": ["<=", ">="], "<=": ["<", ">"], ">": [">=", "<="], ">=": [">", "<"], "===": ["!=="], "!==": ["==="],
    "&&": ["||"], "||": ["&&"], "??": ["&&"], "?.": ["."], "!": [""], "?": ["&& false ?", "|| true ?"],
    "+": ["-"], "-": ["+"], "*": ["/"], "/": ["*"], "%": ["*"], "++": ["--"], "--": ["++"],
    "+=": ["-="], "-=": ["+="], "true": ["false"], "false": ["true"], "min": ["max"], "max": ["min"],
    "floor": ["ceil"], "round": ["floor"], "indexOf": ["lastIndexOf"], "lastIndexOf": ["indexOf"],
}  # fmt: skip

Edit = tuple[int, int, str, str]
"""From, to, what is put there, and what that is called."""


class Mutant(NamedTuple):
    path: str
    line: int
    name: str
    start: int
    end: int
    new: str

    @property
    def place(self) -> str:
        return f"{self.path}:{self.line}"


def mutants(path: str, only: str = "") -> list[Mutant]:
    """Those of a script, each with a name that is its own on its line."""
    source = (HERE.root / path).read_text()
    tokens = _tokens(path, source, 0, len(source))
    counted: Counter[tuple[int, str]] = Counter()
    made = []
    for start, end, new, name in sorted({*_swaps(path, tokens), *_conditions(tokens), *_removals(tokens)}):
        line = source.count("\n", 0, start) + 1
        counted[line, name] += 1
        number = f" #{counted[line, name]}" if counted[line, name] > 1 else ""
        made.append(Mutant(path, line, name + number, start, end, new))
    return [mutant for mutant in made if re.search(only, mutant.place)]


def _tokens(path: str, source: str, start: int, end: int) -> list[re.Match[str]]:
    tokens = [m for m in TOKEN.finditer(source, start, end) if m.lastgroup not in ("comment", "space")]
    for token in tokens:
        if token.lastgroup == "unknown":
            line = source.count("\n", 0, token.start()) + 1
            raise Mistake(
                f"{path}:{line}: make mutants cannot read {token[0]!r}: extend TOKEN in greenlit/proof/alterations.py"
            )
    return tokens


def _swaps(path: str, tokens: list[re.Match[str]]) -> Iterator[Edit]:
    for token in tokens:
        text = token[0]
        others = INSTEAD.get(text, [])
        if token.lastgroup in ("string", "template"):
            others = ['""' if len(text) > 2 else '"other"']
        elif token.lastgroup == "number":
            value = float(text) if "." in text else int(text, 0)
            others = (
                [str(value * 2), str(value / 2)]
                if "." in text
                else [str(value + 1), str(value - 1)][: 1 + (value > 0)]
            )
        for new in others:
            yield *token.span(), new, f"{text[:20]} -> {new}"
        for hole in re.finditer(r"\$\{([^}]*)\}", text if token.lastgroup == "template" else ""):
            start, end = (token.start() + at for at in hole.span(1))
            yield from _swaps(path, _tokens(path, token.string, start, end))


def _conditions(tokens: list[re.Match[str]]) -> Iterator[Edit]:
    for number, (keyword, opening) in enumerate(itertools.pairwise(tokens), 1):
        if keyword[0] in ("if", "while") and opening[0] == "(":
            depths = itertools.accumulate((t[0] == "(") - (t[0] == ")") for t in tokens[number:])
            closing = next(t for t, depth in zip(tokens[number:], depths, strict=True) if depth == 0)
            start, end = opening.start(), closing.end()
            name, new = (
                ("not", f"(!{opening.string[start:end]})") if keyword[0] == "if" else ("never", "(false)")
            )
            yield start, end, new, f"{keyword[0]} -> {name}"


def _removals(tokens: list[re.Match[str]]) -> Iterator[Edit]:
    """Each statement without which the script still loads: no declaration, nothing that an `else` follows."""
    opened, begins = ["{"], [0]
    for number, token in enumerate(tokens):
        after = tokens[number + 1] if number + 1 < len(tokens) else token
        if token[0] in ("(", "{", "["):
            opened.append(token[0])
            begins.append(number + 1)
        elif token[0] in (")", "}", "]"):
            opened.pop()
            begins.pop()
            if token[0] == "}" and after.lastgroup == "name":
                begins[-1] = number + 1
        elif token[0] == ";" and opened[-1] == "{":
            first, begins[-1] = tokens[begins[-1]], number + 1
            if first[0] not in ("const", "let", "export") and after[0] != "else":
                yield first.start(), token.end(), ";", "removed"
