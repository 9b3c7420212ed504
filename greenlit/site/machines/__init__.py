"""What machines read of the built site: pages as Markdown, `llms.txt`, `snippets.json`, and the skill."""

from __future__ import annotations

from pathlib import Path

from greenlit.project import Project
from greenlit.site.built import address
from greenlit.site.machines import data, llms, skill
from greenlit.site.machines.markdown import Plain


def write(project: Project, site: Path) -> None:
    plain = Plain(project, address(site))
    llms.write(plain, site)
    data.write(plain, site)
    skill.write(plain, site)
