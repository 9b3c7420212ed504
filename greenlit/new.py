"""A pair of snippets and their page, to start from: `make new PAGE=errors/some_error IDEA=some_idea`

`IDEA=claims` writes a file of claims for a page that is there. What it writes runs and passes as it stands. It writes all of it or nothing.
"""

from __future__ import annotations

import re
import sys
import textwrap
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from greenlit import Mistake
from greenlit.error_index import LAYERS, error_pages
from greenlit.project import HERE, LONGEST_LABEL, Project
from greenlit.record import write_whole
from greenlit.snippet import BREAKS, CLAIMS

TEMPLATES = Path(__file__).parent / "templates"
NAME = re.compile(r"[a-z][a-z0-9_]{1,49}")
ROW = re.compile(r"^(?P<indent> {4,})- (?:(?:\S.*: )?(?P<page>\S+\.md)|(?P<heading>[^:\n]+):)$", re.MULTILINE)
"""A row below a guide in mkdocs.yml, which is edited as text: its comments and tags are to survive."""
RULE = "Put your models and your idea into the two files: they may differ by the fix and nothing else"
LINKS = re.compile(r"^- .*\]\(\w+\.md.*\n(?:  .*\n)*", re.MULTILINE)
"""An item of a list that links pages of the same guide."""


@dataclass(frozen=True)
class Draft:
    """A page of a guide, which may not exist yet."""

    project: Project
    guide: str
    slug: str

    @classmethod
    def named(cls, project: Project, name: str) -> Draft:
        guides = sorted(path.name for path in (project.docs / "guides").iterdir() if path.is_dir())
        guide, _, slug = name.partition("/")
        if guide not in guides or not NAME.fullmatch(slug):
            raise Mistake(f"PAGE={name}: write it like errors/some_error; the guides are {', '.join(guides)}")
        return cls(project, guide, slug)

    @property
    def markdown(self) -> Path:
        return self.project.docs / "guides" / self.guide / f"{self.slug}.md"

    @property
    def title(self) -> str:
        return self.slug.replace("_", " ").capitalize()

    def headings(self) -> dict[str, str]:
        """The groups of its guide in the navigation, and the last row of each."""
        found, heading, indent = {}, "", ""
        for row in ROW.finditer((self.project.root / "mkdocs.yml").read_text()):
            if row["heading"]:
                heading, indent = row["heading"], row["indent"]
            elif row["page"].startswith(f"guides/{self.guide}/") and row["indent"] > indent and heading:
                found[heading] = row[0]
        return found


def written(page: Draft, idea: str, under: str = "") -> dict[Path, str]:
    """Each file that is made or changed, and its text; `under` is a heading of the navigation."""
    if not NAME.fullmatch(idea) or idea.endswith(BREAKS):
        raise Mistake(f"IDEA={idea}: write it like some_idea; '{BREAKS}' is added for the twin")
    under = under or (LAYERS["ORM"] if page.guide == "errors" else list(page.headings())[-1])
    words = {
        "the_guide": page.guide,
        "the_page": page.slug,
        "the_idea": idea,
        "the_title": page.title,
        "the_layer": next((layer for layer, heading in LAYERS.items() if heading == under), ""),
        "the_rank": str(max((error.rank for error in error_pages(page.project)), default=0) + 1),
    }

    def filled(template: str) -> str:
        return re.sub("|".join(words), lambda word: words[word[0]], (TEMPLATES / template).read_text())

    if idea == CLAIMS and not page.markdown.exists():
        raise Mistake(f"PAGE={page.guide}/{page.slug}: claims need a page that shows them; make it first")
    made = {}
    templates = {"": "claims.py"} if idea == CLAIMS else {"": "idea.py", BREAKS: "idea_breaks.py"}
    for end, template in templates.items():
        path = page.project.snippets / page.guide / page.slug / f"{idea}{end}.py"
        if path.exists():
            raise Mistake(f"{page.project.shown(path)} exists: choose another IDEA, or delete the file")
        made[path] = filled(template)
    if not page.markdown.exists():
        made[page.markdown] = filled("error.md" if page.guide == "errors" else "guide.md")
        made |= _listed(page, under)
    return made


def _listed(page: Draft, under: str) -> dict[Path, str]:
    """The navigation and the guide's index, with the page in them."""
    headings, navigation = page.headings(), page.project.root / "mkdocs.yml"
    if under not in headings:
        raise Mistake(f"UNDER={under}: the headings in mkdocs.yml are {', '.join(headings)}")
    last = headings[under]
    label = textwrap.shorten(page.title, LONGEST_LABEL, placeholder="")
    row = re.sub(r"- .*", f"- {label}: guides/{page.guide}/{page.slug}.md", last)
    index = page.markdown.with_name("index.md")
    changed = {navigation: navigation.read_text().replace(last, f"{last}\n{row}")}
    links = LINKS.findall(index.read_text())
    if links:  # The index of errors has none: it lists from the pages' front matter.
        link = f"- **{page.title}**: [what it is, and what to do]({page.slug}.md)\n"
        changed[index] = index.read_text().replace(links[-1], links[-1] + link)
    return changed


def near(page: Draft) -> list[str]:
    """The titles, headings and descriptions that share the rarer words of the new name, the nearest first."""
    lines = [
        (f"{page.project.shown(path)}:{number}: {line.strip('# ')[:160]}", set(_words(line)))
        for path in page.project.pages()
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if re.match(r"#{1,3} |description:", line)
    ]
    common = Counter(word for _, words in lines for word in words)
    wanted = {word: max(common[word], 1) ** -0.5 for word in _words(page.slug)}
    scored = [(sum(wanted.get(word, 0) for word in words), place) for place, words in lines]
    enough = sum(wanted.values()) / 2
    return [place for score, place in sorted(scored, reverse=True) if score > enough][:5]


def _words(line: str) -> list[str]:
    """Alike for N+1 and n_plus_one, for a session and sessions."""
    line = line.lower().replace("+", " plus ")
    return ["1" if word == "one" else word.rstrip("s") for word in re.findall(r"[a-z]+|[0-9]+", line)]


def make(project: Project, name: str, idea: str, under: str = "") -> None:
    page = Draft.named(project, name)
    is_new, similar = not page.markdown.exists(), near(page)
    for path, text in written(page, idea, under).items():
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, text)
        print("wrote", project.shown(path))
    claims, idea = idea == CLAIMS, f"{name}/{idea}"
    if claims:
        print(f"\nFor the page:\n\n@claims {idea}\n\nFor their other release lines: make matrix ONLY={idea}")
    elif not is_new:
        print("\nFor the page:", f"@snippet {idea}{BREAKS}#query", f"@fix {idea}", sep="\n\n")
    elif similar:
        print("\nThese may have the subject already. Read them first:", *similar, sep="\n  ")
    if is_new and not under:
        print(f"\nIts place in mkdocs.yml is a guess. UNDER='...' takes {', '.join(page.headings())}.")
    print(f"""
{"Put your sentences into the file" if claims else RULE}. Then
  make update ONLY={idea}   runs them on every driver; read what the ledgers say
  make serve{" " * len(idea)}          shows the page
  make census{" " * len(idea)}         says what is missing; then 'make test ONLY={name}'""")


def main() -> None:
    try:
        make(HERE, *sys.argv[1:])
    except Mistake as mistake:
        sys.exit(str(mistake))


if __name__ == "__main__":
    main()
