"""What must be true of the files, whatever they do when run: nothing unshown, unresolved, undeclared.

Each rule yields lines of the form `file:line: what is wrong: the remedy`.
"""

from __future__ import annotations

import ast
import contextlib
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeGuard

from greenlit import DRIVERS, Mistake
from greenlit.error_index import ErrorPage, groups
from greenlit.project import HERE, Project
from greenlit.proof.releases import stale
from greenlit.record import Record
from greenlit.site.directive import DIRECTIVE, SECTION_VERBS, VERBS, parse_target, picture
from greenlit.site.generated import generated
from greenlit.snippet import BREAKS, DECLARATION, NEEDS, Snippet, fix_rows

LONGEST_FIX = 14
"""The lines that a fix may take out and put in, together: more is a rewrite, and proves nothing."""

PROSE_FENCES = {"text", "bash", "console", "yaml", "toml", "ini", "json", "http", "dockerfile"}
"""What may stand on a page as it is. Python and SQL must come from a snippet."""

Rule = Callable[[Project], Iterator[str]]
RULES: dict[str, Rule] = {}


def rule(function: Rule) -> Rule:
    RULES[function.__name__] = function
    return function


def problems(project: Project) -> Iterator[str]:
    for check in RULES.values():
        yield from check(project)


# The pages ------------------------------------------------------------------------------------


def placements(project: Project) -> Iterator[tuple[Path, int, str, str]]:
    """Every directive on every page: the page, the line, the verb and its target."""
    for page in project.pages():
        fenced = False
        for number, line in enumerate(page.read_text().splitlines(), 1):
            fenced ^= line.lstrip().startswith("```")
            match = None if fenced else DIRECTIVE.match(line.strip())
            if match:
                yield page, number, match["verb"], match["target"] or ""


@rule
def every_directive_resolves(project: Project) -> Iterator[str]:
    for page, number, verb, target in placements(project):
        where = f"{project.shown(page)}:{number}"
        try:
            if verb not in VERBS:
                raise Mistake(f"there is no @{verb}: there are @{', @'.join(VERBS)}")
            if verb in SECTION_VERBS:
                parse_target(project, target)
            elif verb == "error":
                ErrorPage.find(project, target)
            elif verb == "chart":
                picture(project, target)
            elif verb == "errors":
                list(groups(project, target))
            elif target:
                project.snippet(target)
        except Mistake as mistake:
            yield f"{where}: @{verb} {target}: {mistake}"


@rule
def every_section_is_shown(project: Project) -> Iterator[str]:
    """By itself, or by its twin: the same text there, or the difference between the two."""
    placed = list(placements(project))
    shown = {target for _, _, verb, target in placed if verb in SECTION_VERBS}
    compared = {target for _, _, verb, target in placed if verb == "fix"}
    families: dict[str, list[Snippet]] = {}
    for snippet in _readable(project):
        families.setdefault(snippet.twin or snippet.name, []).append(snippet)
    for family in families.values():
        for snippet, (name, section) in [(s, item) for s in family for item in s.sections.items()]:
            shown_by_twin = any(
                f"{other.name}#{name}" in shown
                if other.sections[name].text == section.text
                else {other.name, snippet.name} & compared
                for other in family
                if other is not snippet and name in other.sections
            )
            if f"{snippet.name}#{name}" not in shown and not shown_by_twin:
                yield (
                    f"{snippet.shown_path}:{section.start}: no page shows section '{name}': "
                    f"place '@snippet {snippet.name}#{name}' on one, or take the markers out"
                )


@rule
def every_snippet_is_on_a_page(project: Project) -> Iterator[str]:
    placed = {target.partition("#")[0] for _, _, _, target in placements(project)}
    for name in project.names():
        if name not in placed:
            yield f"snippets/{name}.py:1: no page shows anything of it: place it on one, or delete it"


@rule
def every_snippet_lives_with_its_page(project: Project) -> Iterator[str]:
    """`snippets/<guide>/<page>/<idea>.py` belongs to `docs/guides/<guide>/<page>.md`, which shows it or its twin."""
    shown: dict[str, set[Path]] = {}
    for page, _, _, target in placements(project):
        shown.setdefault(target.partition("#")[0], set()).add(page)
    families: dict[str, set[Path]] = {}
    for snippet in project.all():
        families.setdefault(snippet.twin or snippet.name, set()).update(shown.get(snippet.name, ()))
    for snippet in project.all():
        folder = snippet.path.parent.relative_to(project.snippets)
        page = project.docs / "guides" / folder.with_suffix(".md")
        if not page.is_file():
            yield f"{snippet.shown_path}:1: its folder has no page: write {project.shown(page)}, or move the file"
        elif page not in families[snippet.twin or snippet.name]:
            yield f"{snippet.shown_path}:1: {project.shown(page)} shows nothing of it: move it to a page that does"


@rule
def no_page_holds_literal_code(project: Project) -> Iterator[str]:
    for page in project.pages():
        inside = False
        for number, line in enumerate(page.read_text().splitlines(), 1):
            fence = re.match(r"\s*(```+|~~~+)\s*\{?\.?(?P<language>[\w-]*)", line)
            if not fence:
                continue
            inside = not inside
            language = fence["language"].lower()
            if inside and language not in PROSE_FENCES:
                yield (
                    f"{project.shown(page)}:{number}: a block of {language or 'no stated language'}: put code into a snippet "
                    f"and place it with @snippet; as text there may be {', '.join(sorted(PROSE_FENCES))}"
                )


# The snippets ---------------------------------------------------------------------------------


def _readable(project: Project) -> Iterator[Snippet]:
    """Those whose markers are sound: the others have a problem of their own."""
    for snippet in project.all():
        try:
            snippet.sections  # noqa: B018
        except Mistake:
            continue
        yield snippet


@rule
def every_file_is_sound(project: Project) -> Iterator[str]:
    """Markers pair, sections are not empty, the metadata can be read, the file is Python."""
    for snippet in project.all():
        try:
            if not snippet.source.strip():
                raise Mistake(f"{snippet.shown_path}:1: the file is empty: write it, or delete it")
            snippet.sections, snippet.dependencies  # noqa: B018
            ast.parse(snippet.source)
        except SyntaxError as error:
            yield f"{snippet.shown_path}:{error.lineno}: {error.msg}: mend the syntax"
        except Mistake as mistake:
            yield str(mistake)


@rule
def every_declaration_is_complete(project: Project) -> Iterator[str]:
    for snippet in project.all():
        for number, line in enumerate(snippet.header, 1):
            word = re.match(r"# (?P<key>[a-z]+): ", line)
            if word and not DECLARATION.match(line):
                yield f"{snippet.shown_path}:{number}: there is no declaration '{word['key']}': see CONTRIBUTING.md"
        if "drivers" in snippet.declarations:
            unknown = [name for name in snippet.drivers if name not in DRIVERS]
            if unknown:
                yield f"{snippet.shown_path}:1: unknown driver {unknown[0]}: there are {', '.join(DRIVERS)}"
            if not re.search(r"\(.{10,}\)$", snippet.declarations["drivers"]):
                yield f"{snippet.shown_path}:1: '# drivers:' without a reason: end it with '(why not the others)'"
        if snippet.needs and (snippet.needs not in NEEDS or "aiosqlite" in snippet.drivers):
            yield f"{snippet.shown_path}:1: '# needs: {snippet.needs}': there are {', '.join(NEEDS)}, for PostgreSQL's drivers"
        for release in snippet.releases:
            if not re.fullmatch(r"[a-z0-9-]+==\d+(\.\d+)*\.\*", release):
                yield f"{snippet.shown_path}:1: '# also: {release}': write it like fastapi==0.117.*"


@rule
def every_broken_twin_declares_and_is_healed(project: Project) -> Iterator[str]:
    """A twin says what it raises or what is silently wrong; some file heals it, by a short change."""
    healed = {snippet.twin: snippet for snippet in project.all() if snippet.twin}
    for snippet in project.all():
        if not snippet.breaks:
            if "raises" in snippet.declarations:
                yield f"{snippet.shown_path}:1: declares '# raises:' but is not named *{BREAKS}.py: rename it"
            continue
        declared = snippet.declarations
        if "raises" not in declared and "silent" not in declared:
            yield f"{snippet.shown_path}:1: does not say how it breaks: declare '# raises: ...' or '# silent: ...'"
        if "raises" not in declared and "#> " not in snippet.source and "leaks" not in declared:
            yield (
                f"{snippet.shown_path}:1: its harm is silent, and nothing shows it: "
                "assert what ought to be true (and declare '# raises: AssertionError'), or print what is wrong"
            )
        if snippet.name not in healed:
            fix = snippet.name.removesuffix(BREAKS)
            yield f"{snippet.shown_path}:1: nothing heals it: write snippets/{fix}.py"


@rule
def every_fix_is_only_the_fix(project: Project) -> Iterator[str]:
    for snippet in project.all():
        if snippet.twin is None:
            continue
        try:
            twin = snippet.beside(snippet.twin)
        except Mistake as mistake:
            yield f"{snippet.shown_path}:1: '# twin:' {mistake}"
            continue
        changed = [row for row in fix_rows(twin, snippet, context=0) if row[:1] in "+-"]
        if not changed:
            yield f"{snippet.shown_path}:1: is the same as {twin.path.name}: one of them does not do what it says"
        elif len(changed) > LONGEST_FIX:
            yield (
                f"{snippet.shown_path}:1: differs from {twin.path.name} by {len(changed)} lines, "
                f"and {LONGEST_FIX} are the most: let the two differ by the fix and nothing else"
            )


@rule
def every_snippet_runs_alone(project: Project) -> Iterator[str]:
    """It imports nothing of the project and nothing that its metadata does not ask for."""
    for snippet in project.all():
        try:
            wanted = {_module(need) for need in snippet.dependencies}
            tree = ast.parse(snippet.source)
        except (Mistake, SyntaxError):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                modules = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                modules = ["." if node.level else node.module or ""]
            else:
                continue
            for module in modules:
                root = module.split(".")[0]
                if root not in sys.stdlib_module_names and root not in wanted | _COMES_WITH.keys():
                    yield (
                        f"{snippet.shown_path}:{node.lineno}: imports {module or '.'}, which its metadata does not ask "
                        "for: add the package to its dependencies, or do without"
                    )
                elif root in _COMES_WITH and not wanted & _COMES_WITH[root]:
                    yield f"{snippet.shown_path}:{node.lineno}: imports {root}: add it to its dependencies"


@rule
def every_server_is_stopped(project: Project) -> Iterator[str]:
    """A snippet that stops its server after the block leaves it running when the block raises."""
    for snippet in project.all():
        with contextlib.suppress(SyntaxError):
            tree = ast.parse(snippet.source)
            for line in sorted(_stops(tree) - _stops_at_last(tree)):
                yield (
                    f"{snippet.shown_path}:{line}: stops the server only if nothing was raised before: "
                    "start it, 'try', and stop it in a 'finally'"
                )


def _stops(tree: ast.AST) -> set[int]:
    """The lines that tell a uvicorn server to end."""
    return {
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr == "should_exit" and isinstance(node.ctx, ast.Store)
    }


def _stops_at_last(tree: ast.AST) -> set[int]:
    finals = [line for node in ast.walk(tree) if isinstance(node, ast.Try) for line in node.finalbody]
    return {line for final in finals for line in _stops(final)}


_COMES_WITH = {
    "pydantic": {"fastapi", "sqlmodel", "pydantic"},
    "starlette": {"fastapi", "starlette"},
    "greenlet": {"sqlalchemy"},
    "kombu": {"celery", "kombu"},
    "opentelemetry": {"opentelemetry_sdk"},
}


def _module(need: str) -> str:
    return re.split(r"[^\w.-]", need, maxsplit=1)[0].lower().replace("-", "_")


@rule
def no_listener_trusts_that_another_ran(project: Project) -> Iterator[str]:
    """`checkin` comes without `checkout` after a refused reconnect: what raises there costs a place of the pool."""
    for snippet in project.all():
        if snippet.breaks:
            continue
        try:
            tree = ast.parse(snippet.source)
        except SyntaxError:
            continue
        for name, listener in _listeners(tree):
            for node in ast.walk(listener) if name in _COMES_ALONE else ():
                if _reads_info(node):
                    yield (
                        f"{snippet.shown_path}:{node.lineno}: a listener for '{name}' reads info[...], and nothing may "
                        "be there: use info.pop(key, None) or info.get(key)"
                    )


_COMES_ALONE = {"reset", "checkin", "invalidate", "soft_invalidate", "close", "detach"}
"""The pool's events for the end of something whose beginning another event may have announced, or not."""


def _listeners(tree: ast.Module) -> Iterator[tuple[str, ast.AST]]:
    """The name of an event, and the function that listens to it, as far as both are written out."""
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    for function in functions:
        for decorator in function.decorator_list:
            match decorator:
                case ast.Call(ast.Attribute(attr="listens_for"), [_, ast.Constant(str(name)), *_]):
                    yield name, function
    for node in ast.walk(tree):
        match node:
            case ast.Call(ast.Attribute(attr="listen"), [_, ast.Constant(str(name)), ast.Name(called), *_]):
                yield from ((name, function) for function in functions if function.name == called)
            case ast.Call(ast.Attribute(attr="listen"), [_, ast.Constant(str(name)), ast.Lambda(), *_]):
                yield name, node.args[2]


def _reads_info(node: ast.AST) -> TypeGuard[ast.Subscript]:
    match node:
        case ast.Subscript(ast.Attribute(attr="info"), ctx=ast.Load()):
            return True
    return False


# The error index ------------------------------------------------------------------------------


@rule
def every_error_page_tells_its_error(project: Project) -> Iterator[str]:
    """Its front matter is whole, it shows its pair, and what it says was said by a run that it shows."""
    placed: dict[Path, list[tuple[str, str]]] = {}
    for page, _, verb, target in placements(project):
        placed.setdefault(page, []).append((verb, target))
    for path in sorted(project.error_pages.glob("*.md")):
        try:
            error = ErrorPage.load(project, path)
        except Mistake as mistake:
            yield str(mistake)
            continue
        if error is None:
            continue
        yield from error.problems()
        where, on_page = project.shown(path), placed.get(path, [])
        if ("error", error.slug) not in on_page:
            yield f"{where}:1: does not show its cause: place '@error {error.slug}' below the title"
        if error.fix and ("fix", error.fix) not in on_page:
            yield f"{where}:1: names {error.fix} as its fix and does not show it: place '@fix {error.fix}'"
        captured = _captured(
            project, {target.partition("#")[0] for verb, target in on_page if verb in RUN_VERBS}
        )
        for words in error.says:
            pattern = r"[^\n]*".join(re.escape(" ".join(part.split())) for part in words.split("*"))
            if not re.search(pattern, captured, re.IGNORECASE):
                yield (
                    f"{where}:1: says {words!r}, and no run on the page does: "
                    "correct it, or list it under 'reported:' and name its source on the page"
                )


RUN_VERBS = (*SECTION_VERBS, "fix", "releases")


def _captured(project: Project, snippets: set[str]) -> str:
    """All that the runs of these snippets, and of their twins, raised and printed."""
    texts: list[str] = []
    for name in sorted(snippets):
        with contextlib.suppress(Mistake):
            snippet = project.snippet(name)
            for one in [snippet, *([snippet.beside(snippet.twin)] if snippet.twin else [])]:
                texts += one.output
                texts += re.findall(r'"""(.*?)"""', one.source, re.DOTALL)
                for run in Record.of(one).runs:
                    texts += [
                        deed.text
                        for section in run.sections.values()
                        for line in section
                        for deed in line.deeds
                    ]
                    texts += run.printed
    return "\n".join(" ".join(text.split()) for text in texts)


@rule
def every_generated_file_is_of_the_pages(project: Project) -> Iterator[str]:
    try:
        made = generated(project)
    except Mistake:
        return  # Said by the rule above.
    for path, text in made.items():
        if not path.is_file() or path.read_text() != text:
            yield f"{project.shown(path)}:1: is not what its sources make it: run 'make catalogue'"


# The records ----------------------------------------------------------------------------------


@rule
def every_record_is_of_the_lock(project: Project) -> Iterator[str]:
    """What a footer names is what the run was made on, and that is what the lock pins."""
    for snippet in project.all():
        ledger = snippet.shown_path.removesuffix(".py") + ".ledger"
        record = Record.of(snippet)
        for driver in snippet.drivers:
            run = record.find(driver)
            if run is None:
                yield f"{ledger}:1: nothing is recorded on {driver}: run 'make update'"
                continue
            for name, version in run.proven.items():
                locked = project.locked.get(name.lower(), version)
                if version != locked:
                    yield f"{ledger}:1: recorded on {name} {version}, the lock has {locked}: run 'make update'"


@rule
def every_release_line_is_recorded(project: Project) -> Iterator[str]:
    for snippet in project.all():
        yield from stale(snippet)


@rule
def no_record_is_an_orphan(project: Project) -> Iterator[str]:
    for path in sorted(project.snippets.rglob("*.ledger")):
        if not path.with_suffix(".py").is_file():
            yield f"{project.shown(path)}:1: its snippet is gone: delete it"


def main() -> None:
    found = sorted(set(problems(HERE)))
    for problem in found:
        print(problem)
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
