# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0"]
# ///
"""Run a transaction again when the database refused it for a reason that may be gone next time.

Copy this file into your project: it needs SQLAlchemy's asyncio extra (2.0 or 2.1) and nothing else.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
import random
from collections.abc import Awaitable, Callable, Collection, Coroutine, Iterator
from contextlib import suppress
from functools import wraps
from traceback import walk_tb
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection, event
from sqlalchemy.exc import DBAPIError, OperationalError, PendingRollbackError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from sqlalchemy.orm import Session, SessionTransaction
from sqlalchemy.orm.exc import StaleDataError

P = ParamSpec("P")
S = TypeVar("S", bound=AsyncSession)
T = TypeVar("T")

SERIALIZATION_FAILURE = "40001"
DEADLOCK_DETECTED = "40P01"
LOCK_NOT_AVAILABLE = "55P03"
"""`nowait` and `lock_timeout`. Not retried unless you name it in `sqlstates`."""

_CANNOT_CONNECT = ("53300", "57P01", "57P02", "57P03")
"""A server that is full, shuts down, has crashed, or starts up. In addition to class 08."""

_CONNECTION_WAS_LOST = "8s2b"
"""SQLAlchemy's code: the function has caught the error of a lost connection, and gone on."""

logger = logging.getLogger(__name__)


def retrying(
    session_factory: async_sessionmaker[S],
    *,
    attempts: int = 5,
    sqlstates: Collection[str] = (SERIALIZATION_FAILURE, DEADLOCK_DETECTED),
    disconnects: bool = False,
    lost_commits: bool = False,
    first_delay: float = 0.05,
    longest_delay: float = 1.0,
) -> Callable[
    [Callable[Concatenate[S, P], Awaitable[T]]], Callable[P, Coroutine[Any, Any, T]]
]:
    """Make a function that takes a session into one that runs as a transaction, again if need be.

    You call it without the session. Each attempt has a session of its own, which is committed when
    the function returns. An attempt begins with the first line of the function: what it read
    before is read again. The last attempt's error is the one that you get.

    Besides `sqlstates`, it retries `StaleDataError` (a version column) and SQLite's "database is
    locked". Of an `ExceptionGroup`, each error has to be retried. Cancelling the task, or
    `asyncio.timeout` around the call, ends all attempts.

    What the function does outside of its session is done again with each attempt, and so is what
    it has committed itself. If it catches the error of a flush and does not roll back, you get
    `PendingRollbackError`: let the error out, or put `session.begin_nested()` around the flush.

    Args:
        session_factory: Makes a session for each attempt. With `expire_on_commit=False`, the
            objects that the function returns keep what was loaded.
        attempts: How often to run the function at most.
        sqlstates: PostgreSQL's codes for errors after which to try again.
        disconnects: Also retry when no connection can be made, or when it is lost before the
            commit. The database has no rows of such an attempt, unless it committed before
            that, or the engine is in `AUTOCOMMIT`.
        lost_commits: Also retry when the connection is lost during the commit. The database may
            have committed. Ask for this only if doing the work twice is harmless.
        first_delay: The longest wait before the second attempt, in seconds. It doubles each time,
            and the wait is a random part of it.
        longest_delay: It doubles up to this.
    """
    _check(attempts, sqlstates, first_delay, longest_delay)
    worth = frozenset(sqlstates)

    def decorate(
        work: Callable[Concatenate[S, P], Awaitable[T]],
    ) -> Callable[P, Coroutine[Any, Any, T]]:
        # --8<-- [start:run]
        @wraps(work)
        async def run(*args: P.args, **kwargs: P.kwargs) -> T:
            attempt = 1
            while True:
                try:
                    return await _run_once(session_factory(), work, *args, **kwargs)
                except Exception as error:
                    if attempt >= attempts or not is_worth_a_retry(
                        error, worth, disconnects, lost_commits
                    ):
                        raise
                    logger.info("attempt %d of %d: %s", attempt, attempts, error)
                # Slept outside of the `except`, or each attempt's error would hold the one before.
                longest = min(longest_delay, first_delay * 2 ** (attempt - 1))
                await asyncio.sleep(random.uniform(0, longest))
                attempt += 1

        # --8<-- [end:run]
        # Or FastAPI would look for the session in the request.
        run.__signature__ = _without_the_first(work)  # type: ignore[attr-defined]
        return run

    return decorate


# --8<-- [start:once]
async def _run_once(
    session: S,
    work: Callable[Concatenate[S, P], Awaitable[T]],
    /,
    *args: P.args,
    **kwargs: P.kwargs,
) -> T:
    async with session:
        _ask_before_commits(session.sync_session)
        lost = _lost_transactions(session.sync_session)
        try:
            awaitable = work(session, *args, **kwargs)
            if not inspect.isawaitable(awaitable):
                raise TypeError(f"{work!r} is not an async function")
            result = await awaitable
            for first_error in lost:
                raise PendingRollbackError(f"A flush failed before: {first_error}") from first_error
            # Not `session.begin()`: after a failed flush that the function has caught, it would
            # end without a commit and without an error. This raises PendingRollbackError.
            await session.commit()
            return result
        except Exception as error:
            _name_the_cause(error, session.sync_session)
            raise
        except BaseException:
            # Closing fails when the connection is lost, and would hide that we are cancelled.
            with suppress(Exception):
                await session.close()
            raise


# --8<-- [end:once]


def _ask_before_commits(session: Session) -> None:
    """Raise where a commit would store nothing.

    A failed statement ends PostgreSQL's transaction, also if the function caught the error. The
    server answers the COMMIT with a rollback, and neither asyncpg nor psycopg raises. A SELECT is
    refused.
    """
    connections: set[Connection] = set()

    @event.listens_for(session, "after_begin")
    def remember(_session: Session, _transaction: object, connection: Connection) -> None:
        connections.add(connection)

    @event.listens_for(session, "before_commit")
    def ask(session: Session) -> None:
        if session.in_nested_transaction():
            return  # RELEASE SAVEPOINT is refused, too.
        for connection in connections:
            if connection.dialect.name == "postgresql" and connection.in_transaction():
                connection.exec_driver_sql("SELECT 1")


def _lost_transactions(session: Session) -> list[BaseException]:
    """The errors of failed flushes whose transaction then ended without a rollback by the function.

    `async with session.begin()` ends so after a flush whose error the function caught: without a
    commit, and without an error.
    """
    lost: list[BaseException] = []

    @event.listens_for(session, "after_transaction_end")
    def ended(_session: Session, transaction: SessionTransaction) -> None:
        if transaction.parent is None and transaction._rollback_exception is not None:
            lost.append(transaction._rollback_exception)

    @event.listens_for(session, "after_soft_rollback")
    def rolled_back(_session: Session, transaction: SessionTransaction) -> None:
        if transaction._rollback_exception in lost and transaction.parent is None:
            lost.remove(transaction._rollback_exception)

    return lost


def _name_the_cause(error: BaseException, session: Session) -> None:
    """A PendingRollbackError says in its text which error came first: keep that error, too."""
    for leaf in _leaves(error):
        if isinstance(leaf, PendingRollbackError) and leaf.__cause__ is None:
            leaf.__cause__ = getattr(session.get_transaction(), "_rollback_exception", None)


def _without_the_first(work: Callable[..., object]) -> inspect.Signature:
    signature = inspect.signature(work)
    return signature.replace(parameters=list(signature.parameters.values())[1:])


def is_worth_a_retry(
    error: BaseException,
    sqlstates: Collection[str] = (SERIALIZATION_FAILURE, DEADLOCK_DETECTED),
    disconnects: bool = False,
    lost_commits: bool = False,
) -> bool:
    """Whether the same transaction, run again from its beginning, may well succeed.

    Of an `ExceptionGroup`, each error in it has to be worth it.
    """

    def worth(error: BaseException) -> bool:
        if isinstance(error, PendingRollbackError):
            if error.code == _CONNECTION_WAS_LOST:
                return disconnects
            return error.__cause__ is not None and worth(error.__cause__)
        if isinstance(error, StaleDataError) or sqlstate(error) in sqlstates or _is_busy(error):
            return True
        if _may_have_committed(error):
            return lost_commits
        return disconnects and (_is_disconnect(error) or _could_not_connect(error))

    return all(worth(leaf) for leaf in _leaves(error))


def sqlstate(error: BaseException) -> str | None:
    """PostgreSQL's code of five characters: `"40001"`, whatever class the driver makes of it."""
    code: str | None = getattr(getattr(error, "orig", error), "sqlstate", None)
    return code


def _leaves(error: BaseException) -> Iterator[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from _leaves(inner)
    else:
        yield error


def _is_busy(error: BaseException) -> bool:
    """SQLITE_BUSY is 5, and the bits above say why."""
    code = getattr(getattr(error, "orig", None), "sqlite_errorcode", None)
    return isinstance(code, int) and code & 0xFF == 5


def _is_disconnect(error: BaseException) -> bool:
    return isinstance(error, DBAPIError) and error.connection_invalidated


def _may_have_committed(error: BaseException) -> bool:
    """Lost while doing anything but running a statement, reading rows or rolling back."""
    return (
        isinstance(error, DBAPIError)
        and error.connection_invalidated
        and error.statement is None
        and not _passed_through(error, "sqlalchemy.engine.cursor.", ".do_rollback")
    )


def _could_not_connect(error: BaseException) -> bool:
    """No connection, so nothing was sent.

    asyncpg raises an OSError for that, and so do files and other services that the function uses.
    psycopg's error has no code. So the traceback decides: it leads through SQLAlchemy's pool.
    """
    if not _passed_through(error, "sqlalchemy.pool."):
        return False
    code = sqlstate(error)
    if code is None:
        return isinstance(error, (OSError, OperationalError))
    return code in _CANNOT_CONNECT or code.startswith("08")


def _passed_through(error: BaseException, *places: str) -> bool:
    frames = (frame for frame, _ in walk_tb(error.__traceback__))
    names = (f"{frame.f_globals.get('__name__')}.{frame.f_code.co_name}" for frame in frames)
    return any(place in name for name in names for place in places)


def _check(
    attempts: int, sqlstates: Collection[str], first_delay: float, longest_delay: float
) -> None:
    if attempts < 1:
        raise ValueError("attempts must be 1 or more")
    if isinstance(sqlstates, str):
        raise ValueError("sqlstates must be a collection of codes, such as ('40001',)")
    if first_delay < 0 or longest_delay < 0:
        raise ValueError("delays must be 0 or more")
