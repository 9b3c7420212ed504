"""A function in a process of its own, forked from one that has everything imported.

A snippet that crashes, hangs, forks, or leaves something behind then harms no other, and finds
nothing that another left. Three kinds of processes take part. The *stem* imports and runs nothing:
it has no threads, so that it can be forked. For each request it forks a *keeper*, which forks the
*child* that runs the function, waits for it, kills what is left of it, and answers.
"""

from __future__ import annotations

import contextlib
import faulthandler
import gc
import importlib
import os
import pickle
import re
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Client, Connection, wait
from typing import IO, NoReturn, TypeVar

from greenlit import Mistake

STEM = "GREENLIT_STEM"
"""Tells processes that others have started where the stem listens."""

LONGEST = 180
"""Seconds. The slowest snippets, which wait for a process to hang, take less than thirty."""

LAST_WORDS = 10
"""Seconds that a hanging process has to say where it hangs."""

LARGEST_FILE = 256 * 2**20

PRELOADED = re.findall(
    r"\S+",
    """
    greenlit.proof.watch greenlit.proof.output pytest
    sqlalchemy.ext.asyncio sqlalchemy.orm sqlalchemy.dialects.sqlite.aiosqlite
    sqlalchemy.dialects.postgresql.asyncpg sqlalchemy.dialects.postgresql.psycopg
    aiosqlite asyncpg psycopg alembic.command alembic.config pydantic sqlmodel sqlmodel.ext.asyncio.session
    fastapi fastapi.responses fastapi.sse pydantic.v1 anyio._backends._asyncio httpx httpcore certifi
    uvicorn uvicorn.lifespan.on uvicorn.lifespan.off uvicorn.loops.auto
    uvicorn.protocols.http.auto uvicorn.protocols.websockets.auto
    """,
)
"""What snippets import, as far as importing it changes nothing else: opentelemetry patches others."""

T = TypeVar("T")

_runs_spent = 0.0


class Lost(Exception):
    """A process that ended without an answer. Its text says how; `last_words` is what it wrote."""

    def __init__(self, how: str, last_words: str) -> None:
        super().__init__(how)
        self.last_words = last_words


@dataclass
class _Ended:
    status: int
    late: bool
    answer: bytes
    last_words: str
    seconds: float


def spent() -> float:
    """The processor time of this process and of all runs that it has asked for."""
    return time.process_time() + _runs_spent


def apart(job: Callable[[], T], longest: float | None = None) -> T:
    """Call a function that can be pickled, in a process of its own; its result is sent back."""
    global _runs_spent
    try:
        with Client(os.environ[STEM], "AF_UNIX") as keeper:
            keeper.send_bytes(pickle.dumps(job))
            keeper.send(longest or LONGEST)
            ended: _Ended = keeper.recv()
    except (OSError, EOFError) as error:
        raise Mistake(f"the process that all runs are forked from is gone ({error!r}): start again") from None
    _runs_spent += ended.seconds
    if ended.answer:
        returned, result = pickle.loads(ended.answer)
        if returned:
            return result  # type: ignore[no-any-return]
        raise Lost("our own code failed around it", result)
    if ended.late:
        how = f"did not end within {longest or LONGEST} seconds: limit what it waits for"
    elif ended.status < 0:
        how = f"died of {signal.Signals(-ended.status).name}: let a process of its own do that"
    else:
        how = f"ended its process (exit code {ended.status}): let main() return, or raise SystemExit"
    raise Lost(how, ended.last_words)


@contextlib.contextmanager
def stem() -> Iterator[str]:
    """Start the process that all runs are forked from; it ends with ours. Its address."""
    with tempfile.TemporaryDirectory(prefix="greenlit-") as folder:
        address = f"{folder}/stem"
        with socket.socket(socket.AF_UNIX) as door:
            door.bind(address)
            door.listen(64)
            code = f"from {__name__} import listen; listen({door.fileno()})"
            command = [sys.executable, "-c", code]
            process = subprocess.Popen(command, stdin=subprocess.PIPE, pass_fds=[door.fileno()])
        # Only the stem has the door now: when it dies, callers are refused and do not wait.
        try:
            yield address
        finally:
            process.communicate()


# In the stem ----------------------------------------------------------------------------------


def listen(descriptor: int) -> None:
    door = socket.socket(fileno=descriptor)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C ends who asks, and that ends the keepers.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with warnings.catch_warnings(action="ignore"):
        for name in PRELOADED:
            with contextlib.suppress(ImportError):  # The environment of a release line has less.
                importlib.import_module(name)
    _look_like_a_readers_machine()
    gc.collect()
    gc.freeze()  # A child that collects garbage looks at its own only.
    standard_input = sys.stdin.fileno()  # It ends with the process that has started this one.
    while standard_input not in wait([door, standard_input]):
        caller, _ = door.accept()
        if os.fork() == 0:
            door.close()
            _keep(Connection(caller.detach()))
        caller.close()


def _look_like_a_readers_machine() -> None:
    for name in ("CI", "DATABASE_URL", "POSTGRES_URL", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE", STEM):
        os.environ.pop(name, None)
    sys.dont_write_bytecode = False
    # Our own tests need hypothesis; it would move a warning that a snippet shows.
    os.environ["PYTEST_ADDOPTS"] = "-p no:hypothesispytest"


# In a keeper ----------------------------------------------------------------------------------


def _keep(caller: Connection) -> NoReturn:
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    with contextlib.suppress(EOFError, OSError), _files() as (answer, said):
        job, longest = caller.recv_bytes(), caller.recv()
        child = os.fork()
        if child == 0:
            _run(job, answer, said)
        ready = wait([woken, caller], longest)
        if not ready:
            os.kill(child, signal.SIGABRT)  # `faulthandler` writes down where it is.
            wait([woken], LAST_WORDS)
        _kill(child)
        _, status, used = os.wait4(child, 0)
        seconds = time.process_time() + used.ru_utime + used.ru_stime
        caller.send(_Ended(os.waitstatus_to_exitcode(status), not ready, _all(answer), _end(said), seconds))
    os._exit(0)


@contextlib.contextmanager
def _files() -> Iterator[tuple[IO[bytes], IO[bytes]]]:
    with tempfile.TemporaryFile() as answer, tempfile.TemporaryFile() as said:
        yield answer, said


def _kill(child: int) -> None:
    """With all that it has started."""
    with contextlib.suppress(OSError):
        os.killpg(child, signal.SIGKILL)
    with contextlib.suppress(OSError):  # It may not have become a group yet.
        os.kill(child, signal.SIGKILL)


def _all(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read()


def _end(file: IO[bytes]) -> str:
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - 20_000))
    return file.read().decode(errors="replace")


# In a child -----------------------------------------------------------------------------------


def _run(job: bytes, answer: IO[bytes], said: IO[bytes]) -> NoReturn:
    me = os.getpid()
    result: tuple[bool, object]
    try:
        _begin(said)
        result = True, pickle.loads(job)()
    except BaseException:
        result = False, traceback.format_exc()
    if os.getpid() == me:  # A fork that the snippet made may come here too: it has nothing to answer.
        answer.write(pickle.dumps(result))
        answer.flush()
    os._exit(0)


def _begin(said: IO[bytes]) -> None:
    os.setsid()
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with open(os.devnull) as nothing:  # noqa: PTH123
        os.dup2(nothing.fileno(), 0)
    os.dup2(said.fileno(), 1)
    os.dup2(said.fileno(), 2)
    faulthandler.enable(said)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_FILE, resource.RLIM_INFINITY))
