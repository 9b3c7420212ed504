"""The site, strictly: first what only we can check, then MkDocs."""

from __future__ import annotations

import subprocess
import sys

from greenlit import census
from greenlit.project import HERE


def main() -> None:
    found = sorted(set(census.problems(HERE)))
    if found:
        sys.exit("\n".join(found))
    # Not --quiet: it hides the warnings from --strict as well, and then nothing fails.
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", *sys.argv[1:]]
    done = subprocess.run(command, cwd=HERE.root, stderr=subprocess.PIPE, text=True, check=False)
    sys.stderr.writelines(line for line in done.stderr.splitlines(True) if not line.startswith("INFO"))
    sys.exit(done.returncode)


if __name__ == "__main__":
    main()
