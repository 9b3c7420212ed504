"""The site, strictly: first what only we can check, then MkDocs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

from greenlit import census
from greenlit.playground import agreed, fetch
from greenlit.project import HERE
from greenlit.site import after

LOCAL = "http://127.0.0.1:8000/"
"""Where the site is if nothing else is said: see mkdocs.yml."""


def main() -> None:
    site = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE.root / "site"
    found = sorted(set(census.problems(HERE)))
    if found:
        sys.exit("\n".join(found))
    if urlsplit(url := os.environ.get("SITE_URL", LOCAL)).hostname in ("127.0.0.1", "localhost"):
        print(f"WARNING: commands and canonical links will point at {url}, and nobody else has that. "
              "For a site that is to be published: make build SITE_URL=https://…/", file=sys.stderr)  # fmt: skip
    if not agreed.is_left_out():
        fetch.provide(HERE)
    # Not --quiet: it hides the warnings from --strict as well, and then nothing fails.
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(site)]
    done = subprocess.run(command, cwd=HERE.root, stderr=subprocess.PIPE, text=True, check=False)
    sys.stderr.writelines(line for line in done.stderr.splitlines(True) if not line.startswith("INFO"))
    if done.returncode:
        sys.exit(done.returncode)
    after.finish(HERE, site)


if __name__ == "__main__":
    main()
