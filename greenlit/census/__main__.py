"""Print what is wrong, one line each: `python -m greenlit.census`"""

from __future__ import annotations

import sys

from greenlit.census import problems
from greenlit.project import HERE

if __name__ == "__main__":
    sys.exit("\n".join(sorted(set(problems(HERE)))) or None)
