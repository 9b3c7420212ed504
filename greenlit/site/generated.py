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
from greenlit.site import archive, moved
from greenlit.site.machines.data import about
from greenlit.snippet import CLAIMS
from greenlit.unmarked import place

MACHINERY = Path(__file__).resolve().parent.parent
SCRIPTS = MACHINERY / "site" / "scripts"
"""Of the whole site. What every page loads is one file: each request costs a reader on a phone as much as some kilobytes."""
EVERYWHERE = ("search_box", "accessible", "on_demand", "reading")
ON_DEMAND = MACHINERY / "site" / "styles" / "on_demand"
"""Style sheets that no page loads of itself."""
FIRST_STYLE = "house"
"""What the other style sheets build on; the rest in the order of their names, "phone" and "print" last."""
LAST_STYLES = ("phone", "print")
FRONT_STYLES = ("home", "errors")
"""Of home and the lists, whose front matter says `front: true`, and of the page for what is not there: other pages do not load them."""
SHEETS = sorted(
    (MACHINERY / "site" / "styles").glob("*.css"),
    key=lambda path: (path.stem != FIRST_STYLE, path.stem in LAST_STYLES, path.stem),
)


STYLES = [path for path in SHEETS if path.stem not in FRONT_STYLES]
FRONT = [path for path in SHEETS if path.stem in FRONT_STYLES]


def generated(project: Project) -> dict[Path, str]:
    """Each file, and what it must hold."""
    known = catalogue(project)
    lines = _lines(known)
    return {
        moved.listing(project): moved.completed(project),
        project.assets / "claims.json": f"[\n{_lines(_claims(project))}\n]\n",
        project.assets / "errors.json": f"[\n{lines}\n]\n",
        project.assets / "doctor.js": script(
            "doctor", ["lines", "reading", "words", "search", "diagnose", "pasted"], f"start([\n{lines}\n]);"
        ),
        project.assets / "doctor.py": terminal(lines),
        project.assets / "search.js": script("site/search", ["words", "excerpt", "engine"], "start();"),
        project.assets / "search.css": small((ON_DEMAND / "search.css").read_text()),
        project.assets / "calculator.js": script("calculator", ["arithmetic"], "start();"),
        project.assets / "greenlit.css": small("".join(path.read_text() for path in STYLES)),
        project.assets / "front.css": small("".join(path.read_text() for path in FRONT)),
        project.assets / "greenlit.js": without_comments([SCRIPTS / f"{name}.js" for name in EVERYWHERE]),
        **{
            project.assets / path.name: without_comments([path])
            for path in sorted(SCRIPTS.glob("*.js"))
            if path.stem not in EVERYWHERE
        },
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
            said = {claim: claim.exceptions(runs) for claim in claims_of(snippet)}
            claims = [
                {
                    "sentence": claim.sentence,
                    "anchor": claim.anchor,
                    "line": place(snippet.source, claim.line),
                }
                | ({"not": where} if where else {})
                for claim, where in said.items()
            ]
            yield {
                "page": f"guides/{page}/",
                "proof": snippet.shown_path,
                **about(snippet, runs),
                "claims": claims,
            }


def script(folder: str, modules: list[str], call: str) -> str:
    """The modules and their page, as one classic script that ends with this call."""
    paths = [MACHINERY / folder / f"{name}.mjs" for name in (*modules, "page")]
    parts = [path.read_text() for path in paths]
    plain = [re.sub(r"^(export |import .*\n)", "", part, flags=re.MULTILINE) for part in parts]
    return (
        f"// Made by 'make catalogue' from greenlit/{folder}/. A classic script: a page opened as a file loads no module.\n"
        "(() => {\n" + "\n".join(plain) + f"\n{call}\n}})();\n"
    )


STACKS = {
    "ours": "OURS",
    "driver": "DRIVERS",
    "foreign": "FOREIGN",
    "mapper": "MAPPERS",
    "bare": "DRIVER_FRAMES",
    "sync": "SYNCHRONOUS",
    "async": "ASYNCHRONOUS",
}
"""What the doctor in the terminal takes over from the script of the one in the browser: its name there."""


def terminal(lines: str) -> str:
    """The doctor as one file for Python, with all that it knows in it."""
    scripts = "".join((MACHINERY / "doctor" / f"{name}.mjs").read_text() for name in ("diagnose", "words"))
    bare = re.sub(r"^\s*//.*$", "", scripts, flags=re.MULTILINE)

    def words(name: str) -> list[str]:
        match = re.search(rf"const {name} = (?:new Set\()?\[(.*?)\]", bare, re.DOTALL)
        assert match is not None, f"the doctor's scripts have no list {name}"
        return re.findall(r'"([^"]+)"', match[1])

    quoted = f"[\n{lines}\n]".replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    known = {
        "CATALOGUE: list[Entry] = []": f'CATALOGUE: list[Entry] = json.loads("""{quoted}""")',
        "STACKS: dict[str, list[str]] = {}": f"STACKS: dict[str, list[str]] = { {kind: words(name) for kind, name in STACKS.items()}!r}",
        "GENERAL: list[str] = []": f"GENERAL: list[str] = {words('GENERAL')!r}",
        "OF_DBAPI: list[str] = []": f"OF_DBAPI: list[str] = {words('OF_DBAPI')!r}",
    }
    made = (MACHINERY / "doctor" / "terminal.py").read_text()
    for empty, filled in known.items():
        made = made.replace(empty, filled, 1)
    return made


def without_comments(scripts: list[Path]) -> str:
    """Scripts one after the other, without lines that are comments, and without their layout."""
    lines = (line.strip() for script in scripts for line in script.read_text().splitlines())
    bare = [line for line in lines if line and not re.match(r"//|/\*\* .*\*/$", line)]
    names = ", ".join(script.name for script in scripts)
    return "\n".join([f"// Made by 'make catalogue' from greenlit/site/scripts/: {names}.", *bare]) + "\n"


def small(style: str) -> str:
    """A style sheet without its comments and its layout: each page loads it. A space before a colon means something."""
    bare = re.sub(r"/\*.*?\*/", "", style, flags=re.DOTALL)
    lines = re.sub(r" ?([{;,]) ?", r"\1", re.sub(r"\s+", " ", bare).replace(": ", ":"))
    made = "/* Made by 'make catalogue' from greenlit/site/styles/. */\n"
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
