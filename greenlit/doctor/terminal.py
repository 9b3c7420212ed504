# /// script
# requires-python = ">=3.11"
# dependencies = []
# ///
"""Which error is this? The doctor of the site for a terminal, in one file without dependencies:

    uv run doctor.py < trace.txt
    uv run doctor.py --json trace.txt

It answers as the page does, and sends nothing anywhere. Exit code 1: no diagnosis.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Entry = dict[str, Any]
Range = tuple[int, int]

# Filled in by greenlit/site/generated.py, from the error pages and from what the page's script knows.
CATALOGUE: list[Entry] = []
STACKS: dict[str, list[str]] = {}
GENERAL: list[str] = []
OF_DBAPI: list[str] = []

# Reading: what is read of a text, and as what ------------------------------------------------------

READ, AS_SPACE, NOT_AT_ALL = 0, 1, 2
LOOKED_AT, SHORTEST, NARROWEST, WRAPPED, OF_LAST, LONGEST_LOCALS = 300, 8, 60, 3, 700, 200_000
OWN_LINE = 400
LIBRARY = (
    "site-packages",
    "dist-packages",
    "lib/python3",
    "lib\\python3",
    "\\lib\\asyncio",
    "/asyncio/",
    "<frozen ",
    "~/.pyenv",
)
FRAME = re.compile(r'(?P<before>.*?)File \\*"(?P<path>[^"]+?)\\*", line [0-9]+')
BARE_FRAME = re.compile(
    r"""[^A-Za-z0-9_]*(?:File )?(?P<path>[^\s"'][^"']*?\.py)(?::[0-9]+(?:, in| in\b)|, line [0-9]+, in )""",
    re.ASCII,
)
OLD_IPYTHON = re.compile(r"(?P<path>\S+\.py) in \w+\(", re.ASCII)
WRAPPED_FRAME = re.compile(r"(?::[0-9]+| in)[\s│]*$")
HTML_FRAME = re.compile(r'class="frame-filename">(?P<path>[^<]+)')
PYTEST_FRAME = re.compile(r"""(?P<path>[^\s"']+\.py):[0-9]+:(?P<short> in \w)?""", re.ASCII)
STARTS_WITH_NAME = re.compile(r"[A-Za-z_]")
ARROW = re.compile(r"[\s│|]*(?:❱|-+>)")
VALUE = re.compile(r"[\s|]*[│└]")
SEPARATOR = re.compile(r"(?:_ ){3}|_{3,} ")
RAISED = re.compile(
    r"(?:^|[\s|│>])(?:\w+\.)*[A-Z]\w*(?:Error|Exception|Greenlet|Required|Found|Timeout|Violation|Failure|Deadlock\w*|Detected|Busy|Warning"
    r"|InitializeError|Group|Statement\w*|Cursor\w*|Connections|Ambiguous\w*)(?:: |:?[\s│]*$)", re.ASCII,
)  # fmt: skip


@dataclass
class Frame:
    kind: str
    library: bool
    before: str = ""
    short: bool = False
    mine: bool = False
    named_next: bool = False


@dataclass
class Layout:
    kept: bytearray
    last: Range = (0, 0)
    mine: Range | None = None


class Reader:
    """One pass over the lines of a text; `layout` in lines.mjs, line for line."""

    def __init__(self, given: str) -> None:
        self.given = given
        self.lines = list(_split(given))
        self.width = _broken_at(self.lines)
        self.out = Layout(bytearray(len(given)))
        self.frame: Frame | None = None
        self.block, self.last, self.boxed = 0, -1, False

    def layout(self) -> Layout:
        for number, (start, end) in enumerate(self.lines):
            self._line(number, start, end)
        _leave_locals(self.given, self.out.kept)
        if self.last >= 0:
            self.out.last = (self.last, self.last + OF_LAST)
        return self.out

    def _line(self, number: int, start: int, end: int) -> None:
        line = self.given[start : min(end, start + LOOKED_AT)]
        found = _frame_of(line)
        self._mine(found, line, start, end)
        if found:
            self.frame = found
            if found.kind == "pytest" and not found.short:
                self._source_before(found, number)
        elif SEPARATOR.match(line):
            self.block = number + 1
        if " locals ─" in line:
            self.boxed = True
        named = self.frame is not None and self.frame.named_next
        if self.frame:
            self.frame.named_next = found is not None and WRAPPED_FRAME.search(line) is not None
        quoted = found is None and self.frame is not None and not named and _belongs(self.frame, line)
        if self.boxed or (
            quoted
            and self.frame
            and (self.frame.library or (self.frame.kind == "python" and VALUE.match(line)))
        ):
            _leave(self.out.kept, start, end)
        elif found is None and end - start >= SHORTEST and RAISED.search(line):
            self.last = start
        if found is None and self.frame and not named and not quoted and line.strip():
            self.frame = None
        if self.boxed and "╯" in line:
            self.boxed = False
        broken = self.width and end - start == self.width and self.given[end : end + 1] == "\n"
        if broken and _goes_on(self.given, end + 1):
            self.out.kept[end] = NOT_AT_ALL

    def _mine(self, found: Frame | None, line: str, start: int, end: int) -> None:
        if self.frame and self.frame.mine and found is None and line.strip():
            more = _belongs(self.frame, line)
            if more and self.out.mine:
                self.out.mine = (self.out.mine[0], end)
            self.frame.mine = more and self.frame.kind == "numbered" and not ARROW.match(line)
        if found and not found.library:
            self.out.mine = (start, end)
            found.mine = True

    def _source_before(self, found: Frame, number: int) -> None:
        if found.library:
            for start, end in self.lines[self.block : number]:
                if self.given[start : start + 1] != "E":
                    _leave(self.out.kept, start, end)
        self.frame = None
        self.block = number + 1


def _split(given: str) -> Any:
    start = 0
    for match in re.finditer(r"\n|\\n", given):
        if match.start() >= start:
            yield start, match.start()
            start = match.end()
    yield start, len(given)


def _frame_of(line: str) -> Frame | None:
    if ".py" not in line and '", line ' not in line:
        return None
    if match := FRAME.match(line):
        return Frame("python", _of_library(match["path"]), before=match["before"])
    if match := PYTEST_FRAME.match(line):
        return Frame("pytest", _of_library(match["path"]), short=bool(match["short"]))
    if match := HTML_FRAME.search(line):
        return Frame("html", _of_library(match["path"]))
    match = BARE_FRAME.match(line) or OLD_IPYTHON.match(line)
    return Frame("numbered", _of_library(match["path"])) if match else None


def _of_library(path: str) -> bool:
    return any(part in path for part in LIBRARY)


def _belongs(frame: Frame, line: str) -> bool:
    if frame.kind == "html":
        return "<h" not in line
    if frame.kind == "numbered":
        named = STARTS_WITH_NAME.match(line) and RAISED.search(line)
        return line.strip() != "" and not line.startswith("╰") and not named
    deeper = "   " if frame.kind == "pytest" else frame.before
    indented = deeper[len(deeper.rstrip()) :]
    return line.startswith((f"{deeper} ", f"{indented}  "))


def _leave(kept: bytearray, start: int, end: int) -> None:
    kept[start:end] = bytes([AS_SPACE]) * (end - start)


def _broken_at(lines: list[Range]) -> int:
    width = max(end - start for start, end in lines)
    times = sum(end - start == width for start, end in lines)
    return width if NARROWEST <= width <= LOOKED_AT and times >= WRAPPED else 0


def _goes_on(given: str, at: int) -> bool:
    return (
        at < len(given) and given[at] not in " \t\n\r│|" and not given.startswith(("Traceback", "File "), at)
    )


def _leave_locals(given: str, kept: bytearray) -> None:
    at = given.find('"locals": {')
    while at >= 0:
        depth, quoted, i = 0, False, at + 10
        end = min(len(given), at + LONGEST_LOCALS)
        while i < end:
            if given[i] == "\\":
                i += 1
            elif given[i] == '"':
                quoted = not quoted
            elif not quoted and given[i] == "{":
                depth += 1
            elif not quoted and given[i] == "}":
                depth -= 1
                if depth == 0:
                    break
            i += 1
        _leave(kept, at, min(i, len(given)))
        at = given.find('"locals": {', i + 1)


LONGEST_COLOUR = 40
ENTITIES = ("&lt;<", "&nbsp; ", "&nbsp ", "&gt;>", "&amp;&", '&quot;"', "&#39;'", "&#x27;'", '&#34;"')


@dataclass
class Read:
    text: str
    origin: list[int]


def decode(given: str, kept: bytearray | None = None) -> Read:
    """The text as it is compared, and where each of its characters came from; `decode` in reading.mjs."""
    text: list[str] = []
    origin: list[int] = []

    def put(character: str, at: int) -> None:
        if character != " " or not text or text[-1] != " ":
            text.append(character)
            origin.append(at)

    i = 0
    while i < len(given):
        at, character = i, given[i]
        i += 1
        if kept is not None and kept[at] != READ:
            if kept[at] == AS_SPACE:
                put(" ", at)
        elif character == "\x1b" and given[i : i + 1] == "[":
            i += 1
            while i < at + LONGEST_COLOUR and not "@" <= given[i : i + 1] <= "~":
                i += 1
            i += 1
        elif character == "\\":
            i = _escaped(given, i, at, put)
        elif character == "&":
            found = next((entity for entity in ENTITIES if given.startswith(entity[:-1], at)), "&&")
            put(found[-1], at)
            i = at + len(found) - 1
        else:
            put(_plain(character), at)
    return Read("".join(text), origin)


def _escaped(given: str, i: int, at: int, put: Any) -> int:
    while given[i : i + 1] == "\\":
        i += 1
    following = given[i : i + 1]
    if following == "n":
        put(" ", at)
        return i + 1
    if following in ('"', "'") and following:
        put(following, i)
        return i + 1
    digits = given[i + 1 : i + 5]
    if following == "u" and re.fullmatch("[0-9a-fA-F]{4}", digits):
        put(_plain(chr(int(digits, 16))), at)
        return i + 5
    put("/", at)
    return i


def _plain(character: str) -> str:
    code = ord(character)
    if code <= 32 or code in (127, 160, 0x200B, 0xFEFF, 124) or 0x2500 <= code <= 0x259F:
        return " "
    if 65 <= code <= 90:
        return chr(code + 32)
    if code in (0x2018, 0x2019, 96):
        return "'"
    return '"' if code in (0x201C, 0x201D) else character


def plain_text(given: str) -> str:
    return decode(given).text.strip(" ")


# Judging: `diagnose.mjs` ---------------------------------------------------------------------------

LONGEST_GAP_OF_WORDS, LONGEST_GAP, MOST, FAR_BEHIND, HINTS_THAT_SPEAK, LINES, BEFORE, AFTER, KEPT = (
    60,
    240,
    5,
    14,
    3,
    4,
    80,
    300,
    24,
)
CUT_LEAST, CUT_SHARE, CUT_AFTER_CLASS, LEAST_OF_TITLE = 24, 0.55, 9, 14
WITHOUT_ASYNCIO = ("database server", "tests and migrations")
STRONG = ("says", "common", "decisive", "hints", "unlike", "never")
WEAK = ("asked", "title", "class", "code")
Match = tuple[float, int, int]
Evidence = dict[str, list[Match]]


@dataclass
class Signal:
    entry: Entry | None
    kind: str
    parts: list[str]
    anchor: int = field(init=False)
    weight: float = field(init=False)
    word: bool = field(init=False)

    def __post_init__(self) -> None:
        self.anchor = max(range(len(self.parts)), key=lambda i: len(self.parts[i]))
        self.weight = _weigh(sum(map(len, self.parts)))
        self.word = self.kind not in ("says", "common")


def _weigh(length: int) -> float:
    return min(length / 12, 6)


def _signals() -> list[Signal]:
    said = [(entry, kind, text) for entry in CATALOGUE for kind, text in _said(entry)]
    said += [(None, kind, text) for kind, texts in STACKS.items() for text in texts]  # type: ignore[misc]
    return [
        Signal(entry, kind, [plain_text(part) for part in text.split("*") if plain_text(part)])
        for entry, kind, text in said
    ]


def _said(entry: Entry) -> Any:
    for kind in (*STRONG, "asked"):
        for text in entry.get(kind, []):
            yield kind, text
    names = dict.fromkeys(name.split(".")[-1] for name in entry.get("classes", []))
    for name in names:
        if name.lower() not in GENERAL:
            yield "class", name
    if "code" in entry and entry["code"] not in OF_DBAPI:
        yield "code", f"/{entry['code']}"
    title = re.sub(r"[^\x20-\x7e]", " ", entry.get("title", ""))
    if len(title) >= LEAST_OF_TITLE:
        yield "title", title


def diagnose(given: str) -> list[dict[str, Any]]:
    """Ranked diagnoses: the entry, its score, the lines that decided, the reader's own line."""
    layout = Reader(given).layout()
    read = decode(given, layout.kept)
    seen, named = _gather(_signals(), read)
    foreign = bool(named & {"foreign", "mapper", "bare"})
    ours = "ours" in named or ("driver" in named and not foreign)
    if "mapper" in named and not ours:
        return []
    synchronous = "sync" in named and "async" not in named
    yours = (
        given[layout.mine[0] : min(layout.mine[1], layout.mine[0] + OWN_LINE)].strip()
        if layout.mine
        else None
    )
    diagnoses: list[dict[str, Any]] = []
    for entry in CATALOGUE:
        evidence = seen[entry["slug"]]
        if evidence["never"] or (synchronous and entry.get("layer") not in WITHOUT_ASYNCIO):
            continue
        _believe(entry, evidence, ours, foreign)
        score = _judge(
            entry, evidence, lambda match: layout.last[0] <= read.origin[match[1]] < layout.last[1]
        )
        if score > 0:
            why = _explain(evidence, given, read)
            diagnoses.append(
                {"entry": entry, "score": score, "why": why, "weak": not evidence["says"], "yours": yours}
            )
    diagnoses.sort(key=lambda diagnosis: -diagnosis["score"])
    return [d for d in diagnoses if d["score"] > diagnoses[0]["score"] - FAR_BEHIND][:MOST]


def _believe(entry: Entry, evidence: Evidence, ours: bool, foreign: bool) -> None:
    if ours:
        evidence["says"] += evidence["common"]
    elif entry.get("shared") is True or (entry.get("shared") and foreign):
        for kind in ("says", "decisive", "hints"):
            evidence[kind].clear()
    if foreign and not ours:
        for kind in WEAK:
            evidence[kind].clear()


def _gather(signals: list[Signal], read: Read) -> tuple[dict[str, Evidence], set[str]]:
    seen: dict[str, Evidence] = {
        entry["slug"]: {kind: [] for kind in (*STRONG, *WEAK)} for entry in CATALOGUE
    }
    named: set[str] = set()
    found: list[tuple[int, int, Signal, list[tuple[int, int]]]] = []
    for number, signal in enumerate(signals):
        places = _places(read.text, signal.parts[signal.anchor])
        matches = [match for match in (_widen(signal, read.text, place) for place in places) if match]
        if matches:
            # The order in which the page finds them: by the end of the first place of the longest part.
            found.append((places[0] + len(signal.parts[signal.anchor]), number, signal, matches))
    for _, _, signal, matches in sorted(
        found, key=lambda one: (one[0], -len(one[2].parts[one[2].anchor]), one[1])
    ):
        start, end = matches[-1 if signal.kind in ("says", "common") else 0]
        if signal.entry is None:
            named.add(signal.kind)
        else:
            seen[signal.entry["slug"]][signal.kind].append((signal.weight, start, end))
    for signal, start, end in _cut(signals, read.text):
        if signal.entry:
            seen[signal.entry["slug"]]["common"].append((_weigh(end - start), start, end))
    return seen, named


def _places(text: str, part: str) -> list[int]:
    places: list[int] = []
    at = text.find(part)
    while at >= 0:
        if len(places) < KEPT:
            places.append(at)
        else:
            places[-1] = at
        at = text.find(part, at + 1)
    return places


def _cut(signals: list[Signal], text: str) -> list[tuple[Signal, int, int]]:
    """Messages that break off: at the end of the text, or where an ellipsis stands."""
    last = len(text)
    while last and text[last - 1] in " '\".)>]}":
        last -= 1
    ends = sorted({last, *(match.start() for match in re.finditer(r"…|(?=\.\.\.)", text))})
    found = []
    for signal in signals:
        if signal.word or signal.anchor:
            continue
        part = signal.parts[0]
        for end in ends:
            size = next(
                (
                    n
                    for n in range(min(len(part), end), CUT_AFTER_CLASS - 1, -1)
                    if text.endswith(part[:n], 0, end) and _enough(part, n, text, end)
                ),
                0,
            )
            if size:
                found.append((signal, end - size, end))
                break
    return found


def _enough(part: str, size: int, text: str, end: int) -> bool:
    if size >= max(CUT_LEAST, CUT_SHARE * len(part)):
        return True
    return text[max(0, end - size - 2) : end - size] == ": " and text[end : end + 1] == "."


def _widen(signal: Signal, text: str, place: int) -> tuple[int, int] | None:
    gap = LONGEST_GAP_OF_WORDS if signal.kind == "asked" else LONGEST_GAP
    start, end = place, place + len(signal.parts[signal.anchor])
    for part in reversed(signal.parts[: signal.anchor]):
        start = text.rfind(part, max(0, start - gap - len(part)), start)
        if start < 0:
            return None
    for part in signal.parts[signal.anchor + 1 :]:
        at = text.find(part, end, end + gap + len(part))
        if at < 0:
            return None
        end = at + len(part)
    goes_on = _goes_over(text, start, start - 1) or _goes_over(text, end - 1, end)
    return None if signal.word and goes_on else (start, end)


def _goes_over(text: str, last: int, beside: int) -> bool:
    return (
        text[last] != "_" and _is_letter(text[last]) and 0 <= beside < len(text) and _is_letter(text[beside])
    )


def _is_letter(character: str) -> bool:
    return character == "_" or "a" <= character <= "z" or "0" <= character <= "9"


def _judge(entry: Entry, evidence: Evidence, is_last: Any) -> float:
    says, decisive, hints, unlike = (evidence[kind] for kind in ("says", "decisive", "hints", "unlike"))
    silent = entry.get("silent") and len(decisive) + len(hints) >= HINTS_THAT_SPEAK
    without = 0.0 if says else _of_words(evidence)
    if not says and not silent and not without:
        return 0
    clearest = max((match[0] + (5 if is_last(match) else 0) for match in says), default=0)
    return float(
        (10 if says else without)
        + clearest
        + (1.5 * min(len(evidence["asked"]), 3) if says else 0)
        + (6 * min(len(decisive), 3) if says or silent else 0)
        + 1.5 * min(len(hints), 4)
        - 7 * min(len(unlike), 2)
        - entry["rank"] / 100
    )


def _of_words(evidence: Evidence) -> float:
    asked, title, named, code = (evidence[kind] for kind in WEAK)
    said = 5 + 1.5 * (min(len(asked), 3) - 1) if asked else 0
    return max(said, 9 if title else 0) + (3 if named else 0) + (2 if code else 0)


def _explain(evidence: Evidence, given: str, read: Read) -> list[str]:
    lines: dict[int, str] = {}
    for kind in ("says", "decisive", "hints", *WEAK):
        for _, start, _ in evidence[kind]:
            first = read.origin[start]
            begins = given.rfind("\n", 0, first) + 1
            ends = given.find("\n", first)
            lines.setdefault(
                begins,
                given[
                    max(begins, first - BEFORE) : min(ends if ends >= 0 else len(given), first + AFTER)
                ].strip(),
            )
    return [line for _, line in sorted(list(lines.items())[:LINES])]


# Telling -------------------------------------------------------------------------------------------


def told(number: int, diagnosis: dict[str, Any], site: str) -> str:
    entry = diagnosis["entry"]
    lines = [f"{number}. {entry['title']}", f"   {entry['cause']}"]
    if number == 1 and diagnosis["yours"]:
        lines += ["   your line:", *(f"     {line.strip()}" for line in diagnosis["yours"].splitlines())]
    lines += [f"   | {line}" for line in diagnosis["why"]]
    if number == 1 and "fix" in entry:
        lines += [f"   fix ({entry['fix']['file']}):", *(f"     {row}" for row in entry["fix"]["rows"])]
    return "\n".join([*lines, f"   {site}guides/errors/{entry['slug']}/"])


UNKNOWN = """No diagnosis. If this comes from SQLAlchemy or your FastAPI application, give the whole traceback.
By symptom instead: {}guides/errors/by_symptom/"""


def main() -> None:
    parser = argparse.ArgumentParser(description="Which error is this? Reads standard input, or a file.")
    parser.add_argument("file", nargs="?", default="-")
    parser.add_argument("--site", default="", help="where the pages are, for their addresses")
    parser.add_argument("--json", action="store_true", help="all of the answer, for other tools")
    options = parser.parse_args()
    text = sys.stdin.read() if options.file == "-" else Path(options.file).read_text(errors="replace")
    diagnoses = diagnose(text)
    if options.json:
        print(json.dumps(diagnoses, indent=1))
    else:
        print(
            "\n\n".join(told(number, d, options.site) for number, d in enumerate(diagnoses, 1))
            or UNKNOWN.format(options.site)
        )
    sys.exit(not diagnoses)


if __name__ == "__main__":
    main()
