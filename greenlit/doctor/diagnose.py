"""`make diagnose FILE=trace.txt`: the doctor's answer in a terminal, by the very code that the page runs."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from greenlit import Mistake

CLI = Path(__file__).with_name("cli.mjs")


def node() -> str:
    """A Node: the machine's own, or the one that Playwright brings."""
    found = shutil.which("node")
    if found:
        return found
    import playwright

    bundled = Path(playwright.__file__).parent / "driver" / "node"
    if not bundled.is_file():
        raise Mistake("there is no Node: install it, or run 'make test' once")
    return str(bundled)


def main() -> None:
    if len(sys.argv) < 2 or not sys.argv[1]:
        sys.exit("make diagnose FILE=trace.txt, or FILE=- for standard input")
    sys.exit(subprocess.run([node(), str(CLI), *sys.argv[1:]], check=False).returncode)


if __name__ == "__main__":
    main()
