"""What other tools print of an error, for the doctor: `make forms`

A reader pastes what their own tool printed: rich, structlog, loguru, IPython, pytest, Starlette's page, a log. Each broken twin
of an error page is run, and each tool prints its error.
"""

from __future__ import annotations

import contextlib
import io
import json
import logging
import os
import re
import runpy
import shutil
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from functools import partial
from html import unescape
from pathlib import Path
from types import TracebackType

from greenlit import Mistake
from greenlit.error_index import ErrorPage, error_pages
from greenlit.project import HERE
from greenlit.proof.apart import STEM, stem
from greenlit.proof.database import Stage, postgres
from greenlit.proof.run import Case, Ending, execute, to_the_end
from greenlit.proof.services import missing

DUMPED = "forms.json"
KEPT = HERE.root / ".cache" / "forms"

# From the error itself ---------------------------------------------------------------------------


def python(error: BaseException) -> str:
    return "".join(traceback.format_exception(error))


def rich(error: BaseException, width: int = 80, show_locals: bool = False) -> str:
    from rich.console import Console
    from rich.traceback import Traceback

    console = Console(file=io.StringIO(), width=width, force_terminal=False)
    console.print(Traceback.from_exception(type(error), error, error.__traceback__, show_locals=show_locals))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def loguru(error: BaseException, diagnose: bool = False, serialize: bool = False) -> str:
    from loguru import logger

    out = io.StringIO()
    logger.remove()
    logger.add(out, diagnose=diagnose, backtrace=True, serialize=serialize, colorize=False)
    logger.opt(exception=error).error("request failed")
    return out.getvalue()


def structlog(error: BaseException, *processors: str) -> str:
    import structlog as module

    renderers: dict[str, list[Callable[..., object]]] = {
        "json": [module.processors.format_exc_info, module.processors.JSONRenderer()],
        "dictionary": [module.processors.dict_tracebacks, module.processors.JSONRenderer(default=repr)],
        "rich": [module.dev.ConsoleRenderer(colors=False, exception_formatter=module.dev.RichTracebackFormatter(width=100, color_system=None))],
        "plain": [module.dev.ConsoleRenderer(colors=False, exception_formatter=module.dev.plain_traceback)],
    }  # fmt: skip
    event: object = {"event": "request failed", "level": "error", "exc_info": error}
    for processor in renderers[processors[0]]:
        event = processor(None, "error", event)
    return str(event)


def json_logger(error: BaseException) -> str:
    from pythonjsonlogger.json import JsonFormatter

    return JsonFormatter().format(_record(error))


def log(error: BaseException) -> str:
    return logging.Formatter("%(asctime)s %(levelname)s [%(name)s] %(message)s").format(_record(error))


def ipython(error: BaseException, mode: str) -> str:
    from IPython.core.ultratb import FormattedTB

    printer = FormattedTB(mode=mode, theme_name="nocolor")  # type: ignore[no-untyped-call]
    return str(printer.text(type(error), error, error.__traceback__))


def starlette(error: BaseException, html: bool = False) -> str:
    from starlette.middleware.errors import ServerErrorMiddleware

    async def app(*_: object) -> None: ...

    middleware = ServerErrorMiddleware(app, debug=True)
    if not isinstance(error, Exception):
        return ""
    page = middleware.generate_html(error)
    if html:
        return page
    shown = re.sub(
        r'<style>.*?</style>|<script.*?</script>|<div id="[^"]*" class="source-code collapsed">.*?</div>',
        "",
        page,
        flags=re.DOTALL,
    )
    paragraphs = re.sub(r"\s*</(?:p|div|h\d)>\s*", "\0", shown)
    plain = unescape(" ".join(re.sub(r"<[^>]+>", "", paragraphs).split()).replace("&nbsp", " "))
    return "\n".join(part.strip() for part in plain.split("\0"))


def pytest(error: BaseException, style: str) -> str:
    from _pytest._code.code import ExceptionInfo

    return str(ExceptionInfo.from_exception(error).getrepr(style=style))  # type: ignore[arg-type]


def summary(error: BaseException, columns: int = 80) -> str:
    from _pytest._code.code import ExceptionInfo
    from _pytest.terminal import _format_trimmed

    line = "FAILED tests/test_orders.py::test_order"
    info = ExceptionInfo.from_exception(error)
    message = f"{info.typename}: {info.value}" if str(info.value) else info.typename
    return line + (_format_trimmed(" - {}", message.split("\n")[0], columns - len(line)) or "")


# From Python's own text --------------------------------------------------------------------------


def last_line(error: BaseException) -> str:
    return "".join(traceback.format_exception_only(error))


def composed(error: BaseException) -> str:
    return "".join(f"api-1  | {line}\n" for line in python(error).splitlines())


def broken(error: BaseException, width: int) -> str:
    lines = [
        line[at : at + width]
        for line in python(error).splitlines()
        for at in range(0, max(len(line), 1), width)
    ]
    return "\n".join(lines)


def in_actions(error: BaseException) -> str:
    return "".join(f"2026-11-29T10:00:00.1234567Z {line}\n" for line in python(error).splitlines())


def in_json(error: BaseException) -> str:
    return json.dumps({"level": "error", "message": "boom", "stack": python(error)})


FORMS: dict[str, Callable[[BaseException], str]] = {
    "python": python,
    "the last lines": last_line,
    "a log": log,
    "docker compose": composed,
    "GitHub Actions": in_actions,
    "JSON": in_json,
    "python-json-logger": json_logger,
    "80 columns": partial(broken, width=80),
    "120 columns": partial(broken, width=120),
    "rich, 80": rich,
    "rich, 120": partial(rich, width=120),
    "rich, locals": partial(rich, width=100, show_locals=True),
    "loguru": loguru,
    "loguru, values": partial(loguru, diagnose=True),
    "loguru, JSON": partial(loguru, serialize=True),
    "IPython, Context": partial(ipython, mode="Context"),
    "IPython, Verbose": partial(ipython, mode="Verbose"),
    "IPython, Plain": partial(ipython, mode="Plain"),
    "Starlette": starlette,
    "Starlette, HTML": partial(starlette, html=True),
    **{f"pytest, {style}": partial(pytest, style=style) for style in ("long", "short", "native", "line")},
    "pytest, summary": summary,
}  # fmt: skip
for _kind in ("json", "dictionary", "rich", "plain"):
    FORMS[f"structlog, {_kind}"] = lambda error, kind=_kind: structlog(error, kind)  # type: ignore[misc]


def _record(error: BaseException) -> logging.LogRecord:
    kind = (type(error), error, error.__traceback__)
    return logging.LogRecord(
        "uvicorn.error", logging.ERROR, "app.py", 1, "Exception in ASGI application", (), kind
    )


# Of each page ---------------------------------------------------------------------------------------------


def dumped(case: Case) -> Ending:
    """Run the twin, and write down what each tool prints of its error."""

    def run() -> None:
        try:
            runpy.run_path(str(case.file), run_name="__main__")
        except BaseException as error:
            error.__traceback__ = _from(error.__traceback__, str(case.file))
            texts = {name: form(error) for name, form in FORMS.items()}
            (case.file.parent / DUMPED).write_text(json.dumps(texts))
            raise

    return to_the_end(case, run)


def _from(frames: TracebackType | None, file: str) -> TracebackType | None:
    """Without the frames of what ran the file."""
    start = frames
    while start and start.tb_frame.f_code.co_filename != file:
        start = start.tb_next
    return start or frames


def texts_of(page: ErrorPage, stage: Stage) -> Iterator[tuple[str, str]]:
    """Each form's name and text, of the error that a page's twin raises."""
    twin = HERE.snippet(HERE.snippet(page.fix).twin or "")
    if not twin.drivers or missing(twin.needs) or twin.raises in ([], ["AssertionError"]):
        return
    with tempfile.TemporaryDirectory(prefix="greenlit-", ignore_cleanup_errors=True) as folder:
        execute(dumped, twin, twin.drivers[-1], stage, Path(folder))
        written = Path(folder) / DUMPED
        if written.is_file():
            yield from json.loads(written.read_text()).items()


def dump(names: list[str], server: str) -> None:
    pages = [
        page for page in error_pages(HERE) if page.fix and any(name in page.slug for name in names or [""])
    ]
    with (
        tempfile.TemporaryDirectory(prefix="greenlit-") as folder,
        contextlib.closing(Stage(server, Path(folder))) as stage,
    ):
        for page in pages:
            (KEPT / f"{page.slug}.json").write_text(json.dumps(dict(texts_of(page, stage))))


def main(names: list[str]) -> None:
    shutil.rmtree(KEPT, ignore_errors=True)
    KEPT.mkdir(parents=True)
    try:
        with stem() as os.environ[STEM], postgres() as server:
            dump(names, server)
    except Mistake as mistake:
        sys.exit(str(mistake))


if __name__ == "__main__":
    from greenlit.proof import forms  # A run's own process looks for `dumped` by this name.

    forms.main(sys.argv[1:])
