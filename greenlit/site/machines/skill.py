"""The skill."""

from pathlib import Path

from greenlit.site.machines.markdown import Plain


def write(plain: Plain, site: Path) -> None:
    pass
