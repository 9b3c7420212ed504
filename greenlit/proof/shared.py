"""The functions that many snippets repeat: `serving`, which starts a real server for the length of a block, and
what runs the claims of a page.

A snippet runs alone, so each has them in it. They are written here; `make update` renews the copies, and the census
names each that differs. What a snippet may choose of `serving`: the application, `lifespan="off"`, the settings of
the client, and whether the block gets a client, a URL or a port.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace

from greenlit import Mistake
from greenlit.project import HERE, Project
from greenlit.record import write_whole
from greenlit.snippet import Snippet

NAME = "serving"

SERVING = '''\
@asynccontextmanager
async def serving({parameters}) -> AsyncIterator[{given}]:
    """{sentence}"""
    server = uvicorn.Server({config})
    task = asyncio.create_task(server.serve())
    try:
        while not server.started:
            await asyncio.sleep(0.01)
        {block}
    finally:
        server.should_exit = True
        await task
'''

CLAIMS = {
    "reason_against": '''\
async def reason_against(claim: Callable[[AsyncEngine], Awaitable[None]]) -> str:
    """Why a claim does not hold here, or nothing."""
    engine = create_async_engine(DATABASE_URL)
    try:{tables}
        await claim(engine)
    except Exception as error:
        line = traceback.extract_tb(error.__traceback__)[-1].line
        return f"{type(error).__name__}: {str(error).partition(chr(10))[0] or line}"
    finally:
        await engine.dispose()
    return ""
''',
    "main": """\
async def main() -> None:
    for name, claim in list(globals().items()):
        if name.startswith("claim_"):
            sentence, against = " ".join(claim.__doc__.split()), await reason_against(claim)
            print(f"does not hold: {sentence} ({against})" if against else f"holds: {sentence}"){gone}
""",
}
TABLES = """
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)"""
GONE = """
    engine = create_async_engine(DATABASE_URL)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)  # Out of the way of a file that has some of these tables.
    await engine.dispose()"""

PORT = "server.servers[0].sockets[0].getsockname()[1]"
BLOCKS = {
    "httpx.AsyncClient": (
        "A client of a real server on a free port.",
        f"port = {PORT}\n        async with {{client}} as client:\n            yield client",
    ),
    "str": ("A real server on a free port.", f'yield f"http://127.0.0.1:{{{{{PORT}}}}}"'),
    "int": ("A real server on a free port.", f"yield {PORT}"),
}
CONFIG = {"port": "0", "lifespan": "'off'", "log_level": "'critical'"}
CLIENT = ("base_url", "timeout", "limits")


def problems(project: Project) -> Iterator[str]:
    """Every copy is the same, but for what a snippet may choose."""
    for snippet in project.all():
        try:
            for function, _ in _drifted(snippet):
                yield (
                    f"{snippet.shown_path}:{function.lineno}: '{function.name}' differs from the one in "
                    "greenlit/proof/shared.py: run 'make update', or change it there, or give yours another name"
                )
        except SyntaxError:
            continue  # A rule of the census says so.
        except Mistake as mistake:
            yield str(mistake)


def renewed(snippet: Snippet) -> Snippet:
    """The snippet with its copy as it is written here."""
    lines = snippet.source.splitlines(keepends=True)
    for function, text in reversed(list(_drifted(snippet))):
        first = function.decorator_list[0] if function.decorator_list else function
        lines[first.lineno - 1 : function.end_lineno] = [text]
    return replace(snippet, source="".join(lines))


def _drifted(snippet: Snippet) -> Iterator[tuple[ast.AsyncFunctionDef, str]]:
    """A copy that is not as it is written here, and how it would be."""
    body = ast.parse(snippet.source).body
    with_tables = any(isinstance(node, ast.ClassDef) and node.name == "Base" for node in body)
    for function in body:
        if not isinstance(function, ast.AsyncFunctionDef):
            continue
        text = _as_written_here(snippet, function, with_tables)
        if text and ast.dump(ast.parse(text).body[0]) != ast.dump(function):
            yield function, text


def _as_written_here(snippet: Snippet, function: ast.AsyncFunctionDef, with_tables: bool) -> str:
    """Nothing for a function that is not written here."""
    if function.name == NAME:
        return _serving(snippet, function)
    if snippet.is_claims and function.name in CLAIMS:
        text = CLAIMS[function.name]
        for place, lines in (("{tables}", TABLES), ("{gone}", GONE)):
            text = text.replace(place, lines if with_tables else "")
        return text
    return ""


def _serving(snippet: Snippet, function: ast.AsyncFunctionDef) -> str:
    """The function as it is written here, with what this snippet chooses."""
    given = ast.unparse(function.returns).removeprefix("AsyncIterator[")[:-1] if function.returns else ""
    if given not in BLOCKS:
        raise Mistake(
            f"{snippet.shown_path}:{function.lineno}: '{NAME}' yields {given or 'what it does not say'}: "
            f"let it yield {', '.join(BLOCKS)}, or give it another name"
        )
    sentence, block = BLOCKS[given]
    config = _call(snippet, function, "uvicorn.Config", {key: {value} for key, value in CONFIG.items()})
    client = ""
    if given == "httpx.AsyncClient":
        client = _call(snippet, function, given, dict.fromkeys(CLIENT))
    parameters, block = ast.unparse(function.args), block.format(client=client)
    return SERVING.format(parameters=parameters, given=given, sentence=sentence, config=config, block=block)


def _call(
    snippet: Snippet, function: ast.AsyncFunctionDef, name: str, allowed: dict[str, set[str] | None]
) -> str:
    """How this snippet calls something, as it stands there. It may choose among a few settings."""
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == name:
            for setting in node.keywords:
                values = allowed.get(setting.arg or "", set())
                if values is not None and ast.unparse(setting.value) not in values:
                    raise Mistake(
                        f"{snippet.shown_path}:{setting.value.lineno}: {name}({ast.unparse(setting)}) in '{NAME}': "
                        f"it may have {', '.join(allowed)}, as greenlit/proof/shared.py says"
                    )
            return ast.get_source_segment(snippet.source, node) or ""
    raise Mistake(f"{snippet.shown_path}:{function.lineno}: '{NAME}' does not call {name}(): call it")


def main() -> None:
    for snippet in HERE.all():
        again = renewed(snippet)
        if again.source != snippet.source:
            write_whole(snippet.path, again.source)
            print(f"{snippet.shown_path}: shared functions renewed")


if __name__ == "__main__":
    main()
