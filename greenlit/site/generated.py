"""The files that are made from other files of the project: `make catalogue` writes them, the census compares them.

They are committed, because whatever builds the site (a host, Zensical) runs nothing before. The scripts are
classic ones, because a page that is opened as a file may not load a module.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from greenlit import Mistake
from greenlit.claim import claims_of
from greenlit.error_index import catalogue
from greenlit.project import HERE, Project
from greenlit.record import Record, write_whole
from greenlit.site import archive
from greenlit.snippet import CLAIMS

MACHINERY = Path(__file__).resolve().parent.parent


def generated(project: Project) -> dict[Path, str]:
    """Each file, and what it must hold."""
    known = catalogue(project)
    lines = _lines(known)
    return {
        project.assets / "claims.json": f"[\n{_lines(_claims(project))}\n]\n",
        project.assets / "errors.json": f"[\n{lines}\n]\n",
        project.assets / "doctor.js": script(
            "doctor", ["reading", "search", "diagnose"], f"start([\n{lines}\n]);"
        ),
        project.assets / "calculator.js": script("calculator", ["arithmetic"], "start();"),
        project.assets / "greenlit.css": small((MACHINERY / "site" / "greenlit.css").read_text()),
    }


def _lines(entries: Iterable[dict[str, Any]]) -> str:
    """A line for each page: what two people changed in two pages can be merged."""
    return ",\n".join(json.dumps(entry, ensure_ascii=False) for entry in entries)


def _claims(project: Project) -> Iterator[dict[str, Any]]:
    """The sentences of each page that are run, and where they do not hold, for a reader's own tools."""
    for name in project.names():
        page, _, idea = name.rpartition("/")
        if idea == CLAIMS:
            snippet = project.snippet(name)
            runs = Record.of(snippet).runs
            said = {claim.sentence: claim.exceptions(runs) for claim in claims_of(snippet)}
            claims = [
                {"sentence": sentence} | ({"not": where} if where else {}) for sentence, where in said.items()
            ]
            yield {"page": f"guides/{page}/", "proof": snippet.shown_path, "claims": claims}


def script(folder: str, modules: list[str], call: str) -> str:
    """The modules and their page, as one classic script that ends with this call."""
    paths = [MACHINERY / folder / f"{name}.mjs" for name in (*modules, "page")]
    parts = [path.read_text() for path in paths]
    plain = [re.sub(r"^(export |import .*\n)", "", part, flags=re.MULTILINE) for part in parts]
    return (
        f"// Made by 'make catalogue' from greenlit/{folder}/. A classic script: a page opened as a file loads no module.\n"
        "(() => {\n" + "\n".join(plain) + f"\n{call}\n}})();\n"
    )


def small(style: str) -> str:
    """A style sheet without its comments and its layout: each page loads it. A space before a colon means something."""
    bare = re.sub(r"/\*.*?\*/", "", style, flags=re.DOTALL)
    lines = re.sub(r" ?([{;,]) ?", r"\1", re.sub(r"\s+", " ", bare).replace(": ", ":"))
    made = "/* Made by 'make catalogue' from greenlit/site/greenlit.css. */\n"
    return made + re.sub(r";? ?\} ?", "}\n", lines).strip() + "\n"


def stale(project: Project) -> dict[Path, str]:
    """Those that are not what their sources make them, and what they must hold."""
    made = generated(project)
    return {path: text for path, text in made.items() if not path.is_file() or path.read_text() != text}


def write(project: Project) -> None:
    archive.write(project)
    for path, text in stale(project).items():
        write_whole(path, text)


def main() -> None:
    try:
        write(HERE)
    except Mistake as mistake:
        sys.exit(str(mistake))


if __name__ == "__main__":
    main()
