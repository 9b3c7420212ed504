"""The site, strictly: first what only we can check, then MkDocs."""

from __future__ import annotations

import subprocess
import sys

from greenlit import ROOT, census


def main() -> None:
    found = sorted(set(census.problems()))
    if found:
        sys.exit("\n".join(found))
    sys.exit(
        subprocess.call(
            [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", *sys.argv[1:]], cwd=ROOT
        )
    )


if __name__ == "__main__":
    main()
