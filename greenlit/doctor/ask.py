"""Ask the doctor from Python: by Node, and by the very code that the page runs."""

from __future__ import annotations

import json
import subprocess

from greenlit.doctor.diagnose import CLI, node


def diagnosed(texts: list[str]) -> list[list[str]]:
    """For each text the slugs of its diagnoses, the likeliest first."""
    lines = "\n".join(json.dumps(text) for text in texts)
    done = subprocess.run(
        [node(), str(CLI), "--lines"], input=lines, capture_output=True, text=True, check=True
    )
    return [[slug for slug, _ in json.loads(line)] for line in done.stdout.splitlines()]


def assert_diagnosed(text: str, slug: str) -> None:
    [found] = diagnosed([text])
    assert found[:1] == [slug], (
        f"the doctor takes this for {', '.join(found) or 'nothing it knows'}: "
        f"mend the signals in docs/guides/errors/{slug}.md, then 'make catalogue'\n{text[-3000:]}"
    )
