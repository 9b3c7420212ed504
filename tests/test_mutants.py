"""What `make mutants` alters, and what it says of a survivor."""

from __future__ import annotations

from pathlib import Path

import pytest

from greenlit import Mistake
from greenlit.proof.alterations import mutants
from greenlit.proof.mutants import explained, report

SCRIPT = """\
import { b } from "./b.mjs"; // 1 < 2 is no code
export function f(a, c) {
  const text = `${a + 0} of < ${c}`;
  if (a < c) return text;
  while (c && a) c--;
  return a ? 1.5 : "";
}
"""
NAMES = {
    3: {'`${a + 0} of < ${c}` -> ""', "+ -> -", "0 -> 1"},
    4: {"if -> not", "< -> <=", "< -> >=", "removed"},
    5: {"while -> never", "&& -> ||", "-- -> ++", "removed"},
    6: {"? -> && false ?", "? -> || true ?", "1.5 -> 3.0", "1.5 -> 0.75", '"" -> "other"', "removed"},
}


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "script.mjs"
    path.write_text(SCRIPT)
    return path


def test_what_is_altered(script: Path) -> None:
    made = mutants(str(script))
    assert {line: {m.name for m in made if m.line == line} for line in {m.line for m in made}} == NAMES
    [removed] = [m for m in made if (m.line, m.name) == (4, "removed")]
    assert SCRIPT[removed.start : removed.end] == "if (a < c) return text;"
    assert len(mutants(str(script), "script.mjs:4")) == 4


def test_the_same_alteration_twice_on_a_line_has_two_names(script: Path) -> None:
    script.write_text("f(1 + 2 + 3);\n")
    assert {"+ -> -", "+ -> - #2"} <= {m.name for m in mutants(str(script))}


def test_what_cannot_be_read_is_no_silence(script: Path) -> None:
    script.write_text("f();\nf(1 ^ 2);\n")
    with pytest.raises(Mistake, match=r"script\.mjs:2: .*'\^'"):
        mutants(str(script))


def test_a_survivor_is_explained_or_reported(script: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("greenlit.proof.mutants.TESTS", {str(script): []})
    [alive] = [m for m in mutants(str(script)) if m.name == "< -> <="]
    assert [line.partition("'< -> <='")[2][:10] for line in report([alive], "")] == [" survives:"]
    script.write_text(
        SCRIPT.replace("  if", "  // mutant < -> <=: both are zero where they are equal.\n  if")
    )
    moved = alive._replace(line=5)
    assert list(report([moved], "")) == []
    assert [line.rpartition(":")[2] for line in report([], "")] == [" delete the explanation"]
    script.write_text(SCRIPT.replace("return text;", "return text; // mutant < -> <=: no"))
    with pytest.raises(Mistake, match=r"script\.mjs:4: write"):
        explained(str(script))
