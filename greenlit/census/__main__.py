"""Print what is wrong, one line each: `python -m greenlit.census`"""

from __future__ import annotations

import sys

from greenlit.census import problems
from greenlit.project import HERE

if __name__ == "__main__":
    found = sorted(set(problems(HERE)))
    for problem in found:
        print(problem)
    sys.exit(1 if found else 0)
