"""The doctor's time: however long or hostile a text is, it takes no more than its length.

What is measured is the time of the processor, so that other work on the machine does not count.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from greenlit.doctor.diagnose import CLI
from tests.scripts import Script

MEGA = 10 * 1024 * 1024
LAZY = "greenlet_spawn has not been called; can't call await_only() here. Was IO attempted in an unexpected place?"
POOL = "sqlalchemy.exc.TimeoutError: QueuePool limit of size 5 overflow 10 reached, connection timed out, timeout 30.00"
HOSTILE: dict[str, Callable[[], str]] = {
    "one letter": lambda: "a" * MEGA,
    "no end of colours": lambda: "\x1b[" * (MEGA // 2),
    "backslashes": lambda: "\\" * MEGA,
    "entities": lambda: "&l" * (MEGA // 2),
    "half a message": lambda: "invalid input for query argument $1: " * (MEGA // 37),
    "a whole message": lambda: f"{LAZY} " * (MEGA // 110),
    "nothing": lambda: "\0" * MEGA,
    "html": lambda: "<script>alert(1)</script><img src=x onerror=alert(1)>" * (MEGA // 53),
    "anything": lambda: (
        "".join(random.Random(1).choices([chr(n) for n in range(1, 0x3000)], k=MEGA // 8)) * 8
    ),
}
# The doctor is made once, and the first text is read before the clock starts.
MILLISECONDS = """(() => {
    globalThis.ask ??= module.doctor(given.catalogue);
    const used = () => { const { user, system } = process.cpuUsage(); return (user + system) / 1000; };
    const begun = used();
    globalThis.ask(given.text);
    return used() - begun;
})()"""


@pytest.fixture(scope="module")
def milliseconds() -> Iterator[Callable[[str], float]]:
    catalogue = json.loads((CLI.parents[2] / "docs" / "assets" / "errors.json").read_text())
    with closing(Script(CLI.with_name("diagnose.mjs"), MILLISECONDS)) as script:
        script({"catalogue": catalogue, "text": POOL})
        yield lambda text: script({"text": text})


@pytest.mark.parametrize("text", HOSTILE.values(), ids=list(HOSTILE))
def test_ten_megabytes_take_two_seconds_at_worst(
    milliseconds: Callable[[str], float], text: Callable[[], str]
) -> None:
    assert milliseconds(text()) < 2000


def test_a_usual_traceback_takes_a_tenth_of_a_second(milliseconds: Callable[[str], float]) -> None:
    frames = (
        '  File "/app/.venv/lib/python3.12/site-packages/sqlalchemy/orm/session.py", line 1, in execute\n'
    )
    assert milliseconds(f"{frames * 100}{POOL}") < 100
