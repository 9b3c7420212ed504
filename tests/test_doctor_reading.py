"""How the doctor reads a text: what terminals, logs, shells and web pages do to a message is undone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest

from greenlit.doctor.diagnose import CLI
from tests.scripts import Script

Marked = Callable[[str, str], str | None]
ASK = "module.doctor(given.catalogue)(given.text).map(({ why }) => why)"


@pytest.fixture(scope="module")
def marked() -> Iterator[Marked]:
    """What the doctor marks in a text as this message."""
    with closing(Script(CLI.with_name("diagnose.mjs"), ASK)) as script:

        def ask(says: str, text: str) -> str | None:
            found: list[Any] = script({"catalogue": [{"slug": "a", "rank": 0, "says": [says]}], "text": text})
            return found[0][0][1] if found else None

        yield ask


# A backslash in these is one that stands in the text.
@pytest.mark.parametrize(
    "says, text",
    [
        ("it's full", "it's full"),
        ("IT'S Full", "it's fULL"),
        *(("it's full", text) for text in ("it`s full", "it‘s full", "it’s full")),
        *(("it's full", text) for text in (r"it\'s full", r"it\\\'s full", r"it\u0027s full", r"it\u2019s full", r"it\\u0027s full")),
        *(("it's full", text) for text in ("it&#39;s full", "it&#x27;s full")),
        *(('it "is" full', text) for text in ("it “is” full", "it &quot;is&quot; full", "it &#34;is&#34; full", r"it \"is\" full")),
        ("a < b & c > d", "a &lt; b &amp; c &gt; d"),
        ("a & b &less; &amp", "a & b &less; &amp"),
        ("zz_az@[ {]", "ZZ_AZ@[ {]"),
        ("up to Zebra", "UP TO ZEBRA"),
        # White space of any length, and how it is written.
        *(("it is full", text) for text in ("it   is\n\tfull", r"it\nis\nfull", r"it\\nis\\\nfull", "it\r\nis full", r"it\u0020is\u000afull")),
        *(("it is full", f"it{chr(code)}is{chr(code)}full") for code in (0, 9, 31, 32, 124, 127, 160, 0x200B, 0xFEFF, 0x2500, 0x2502, 0x259F)),
        # A separator of Windows is one of ours; what looks like an escape and is none, too.
        ("app/site/orders.py", r"app\site\orders.py"),
        ("app/site/orders.py", r"app\\site\\orders.py"),
        *((f"it/u{digits}s", rf"it\u{digits}s") for digits in ("g027", "0g27", "00g7", "002g", "00")),
        ("jklmno.", r"\u006a\u006b\u006c\u006d\u006e\u006f."),
        ("jklmno.", r"\u006A\u006B\u006C\u006D\u006E\u006F."),
        ("0123456789.", r"\u0030\u0031\u0032\u0033\u0034\u0035\u0036\u0037\u0038\u0039."),
        # Colours, and what else a terminal is told.
        *(("it is full", text) for text in ("it \x1b[31mis\x1b[0m full", "it i\x1b[ms full", "it i\x1b[?25hs full", "it i\x1b[@s full", "it i\x1b[1~s full")),
        ("it is full", f"it i\x1b[{'1' * 38}ms full"),
        ("it 31m is full", "it \x1b31m is full"),
    ],
)  # fmt: skip
def test_read_as(marked: Marked, says: str, text: str) -> None:
    first_line = text.partition("\n")[0]
    assert marked(says, f"{text} and more") == first_line
    assert marked(says, f"some text: {text}") == first_line


@pytest.mark.parametrize(
    "says, text",
    [
        *(("it is full", f"it{chr(code)}is full") for code in (33, 123, 125, 126, 128, 159, 161, 0x200A, 0x200C, 0x24FF, 0x25A0, 0xFEFE)),
        *(("it's full", f"it{chr(code)}s full") for code in (95, 97, 0x2017, 0x201A, ord('"'))),
        *(('it"s full', f"it{chr(code)}s full") for code in (0x201B, 0x201E, ord("'"))),
        ("it is full", "it iös full"),
        ("it is full", f"it i{chr(ord('s') + 128)} full"),
        ("it[ is full", "it{ is full"),
        ("it/nis full", r"it\nis full"),
        ("it is full", f"it i\x1b[{'1' * 39}ms full"),
        ("it is full", "it i\x1b[1\x7fs full"),
        ("it is full", "it i\x1b1ms full"),
    ],
)  # fmt: skip
def test_not_read_as(marked: Marked, says: str, text: str) -> None:
    assert marked(says, text) is None
