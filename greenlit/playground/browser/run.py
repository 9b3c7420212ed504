"""One run of a file in the worker: where it begins, what it prints, how it ends, and what it must not leave behind."""

from __future__ import annotations

import builtins
import contextlib
import gc
import importlib
import io
import json
import linecache
import logging
import os
import shutil
import sys
import threading
import time
import traceback
import types
import warnings
from collections.abc import Callable
from typing import Any

import loop

# Not for this file: so that a run need not wait for them.
import sqlalchemy.dialects.sqlite.aiosqlite
import sqlalchemy.ext.asyncio
import sqlalchemy.orm  # noqa: F401
import threadless
from carrier import said
from ledger import Ledger, _first_lines
from sqlalchemy import event
from sqlalchemy.event import api

FOLDER, INSTALLED = "/run", ("/lib/", "/packages/")
MOST_OUTPUT = 100_000
"""Characters, for a reader: what is more is left out."""

HIDDEN = ("/greenlet.py", "/run.py", "/loop.py")
"""What stands between the file and the libraries here, and nowhere else."""

MOST_ENTRIES, MOST_TEXT = 300, 2000
"""Of the ledger, for a reader."""

_listeners: list[tuple[Any, ...]] = []


def _listen(*what: Any, **how: Any) -> None:
    _listeners.append(what)
    _plain_listen(*what, **how)


_plain_listen = api.listen
api.listen = event.listen = _listen
loop.install()
threadless.install()


class Output(io.TextIOBase):
    """Passes on what is written, until it is too much."""

    def __init__(self, kind: str) -> None:
        self.kind, self.room = kind, MOST_OUTPUT

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        shown = text[: max(self.room, 0)]
        if shown:
            said(self.kind, shown)
        if 0 <= self.room < len(text):
            said("cut", "")
        self.room -= len(text)
        return len(text)


def run(source: str, name: str) -> str:
    """Run the text of a file as `python name` would; how it ended, as JSON."""
    before = _before()
    os.chdir("/")
    shutil.rmtree(FOLDER, ignore_errors=True)
    os.mkdir(FOLDER)  # noqa: PTH102
    os.chdir(FOLDER)
    path = f"{FOLDER}/{name}"
    with open(path, "w") as file:  # noqa: PTH123
        file.write(source)
    main = types.ModuleType("__main__")
    main.__dict__.update(__file__=path, __builtins__=builtins)
    sys.modules["__main__"], sys.argv = main, [path]
    sys.stdout, sys.stderr = Output("out"), Output("err")
    warnings.formatwarning = _warning  # type: ignore[assignment]
    begun = time.perf_counter()
    ending: dict[str, object] = {"error": "", "text": "", "story": ""}
    ledger = Ledger([path])
    try:
        with ledger:
            exec(compile(source, path, "exec"), main.__dict__)
    except SystemExit as end:
        if end.code not in (None, 0):
            ending |= _ending(end, path, name)
    except BaseException as error:
        ending |= _ending(error, path, name)
    ending["seconds"] = time.perf_counter() - begun
    ending["ledger"] = _deeds(ledger)
    main.__dict__.clear()
    _after(before)
    return json.dumps(ending)


def _deeds(ledger: Ledger) -> Any:
    """What each line of the file did."""
    return [
        [
            entry.line,
            entry.code,
            entry.leaving,
            [[e.kind, e.text[:MOST_TEXT], e.connection] for e in entry.events],
        ]
        for entry in ledger.entries
        if entry.path
    ][:MOST_ENTRIES]


def _warning(message: object, kind: type[Warning], file: str, line: int, _: object = None) -> str:
    where = f"{os.path.basename(file)}:{line}: " if file.startswith(FOLDER) else ""  # noqa: PTH119
    return f"{where}{kind.__name__}: {message}\n"


def _ending(error: BaseException, path: str, name: str) -> dict[str, str]:
    kind = type(error)
    qualified = (
        kind.__qualname__
        if kind.__module__ == builtins.__name__
        else f"{kind.__module__}.{kind.__qualname__}"
    )
    told = traceback.TracebackException.from_exception(error)
    _leave_out(told, set())
    story = "".join(told.format()).replace(path, name)
    text = "".join(traceback.format_exception_only(error))
    own = [frame for frame in told.stack if frame.filename == path]
    short = "".join(["Traceback (most recent call last):\n", *traceback.format_list(own), text])
    return {"error": qualified, "text": text, "short": short.replace(path, name), "story": story}


def _leave_out(told: Any, seen: set[int]) -> None:
    """The frames of what only this place has."""
    if told is None or id(told) in seen:
        return
    seen.add(id(told))
    told.stack[:] = [frame for frame in told.stack if not frame.filename.endswith(HIDDEN)]
    for other in (told.__cause__, told.__context__, *(told.exceptions or ())):
        _leave_out(other, seen)


def _before() -> Callable[[], None]:
    """What a file may change and the next one must not find; call the result to put it back."""
    environment, path, modules = dict(os.environ), sys.path[:], set(sys.modules)
    filters, root = warnings.filters[:], logging.getLogger()
    handlers, level, hook = root.handlers[:], root.level, threading.excepthook

    def put_back() -> None:
        sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__
        os.environ.clear()
        os.environ.update(environment)
        sys.path[:] = path
        warnings.filters[:] = filters  # type: ignore[index]
        root.handlers[:], threading.excepthook = handlers, hook
        root.setLevel(level)
        for name in set(sys.modules) - modules - set(sys.builtin_module_names):
            if not str(getattr(sys.modules[name], "__file__", None)).startswith(INSTALLED):
                del sys.modules[name]
        importlib.invalidate_caches()
        linecache.clearcache()
        _first_lines.cache_clear()  # The next file may have the same name.

    return put_back


def _after(put_back: Callable[[], None]) -> None:
    for what in reversed(_listeners):
        with contextlib.suppress(Exception):  # What it listened to is gone, or it was told only once.
            event.remove(*what)
    _listeners.clear()
    gc.collect()
    put_back()
    loop.install()
