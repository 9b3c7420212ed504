"""The files that are made from other files of the project and committed: `make catalogue`

The scripts are classic ones, because a page that is opened as a file may not load a module.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

from greenlit import Mistake
from greenlit.error_index import catalogue
from greenlit.project import HERE, Project
from greenlit.record import write_whole

MACHINERY = Path(__file__).resolve().parent.parent


def generated(project: Project) -> dict[Path, str]:
    """Each file, and what it must hold."""
    known = catalogue(project)
    return {
        project.assets / "errors.json": json.dumps(known, indent=1, ensure_ascii=False) + "\n",
        project.assets / "doctor.js": script(
            "doctor", ["reading", "search", "diagnose"], f"start({json.dumps(known, ensure_ascii=False)});"
        ),
        project.assets / "calculator.js": script("calculator", ["arithmetic"], "start();"),
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


def main() -> None:
    try:
        made = generated(HERE)
    except Mistake as mistake:
        sys.exit(str(mistake))
    for path, text in made.items():
        write_whole(path, text)


if __name__ == "__main__":
    main()
