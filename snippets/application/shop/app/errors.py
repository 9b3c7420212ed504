"""Which error is which answer: the one place that knows."""

import logging

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, OperationalError, TimeoutError

from app.database import OutcomeUnknownError

logger = logging.getLogger(__name__)


class NotFoundError(Exception):
    """404: what the path names is not there."""


class ConflictError(Exception):
    """409: the request is sound, and the state of the shop is against it."""


class RefusedError(Exception):
    """422: the request itself cannot be carried out."""


STATUS: dict[type[Exception], int] = {NotFoundError: 404, ConflictError: 409, RefusedError: 422}

# What the database says when a rule of its own is broken: SQLSTATE, or SQLite's name for it.
CONSTRAINTS = {
    "23505": (409, "exists already"),
    "SQLITE_CONSTRAINT_UNIQUE": (409, "exists already"),
    "23503": (409, "a row is missing, or still needed by another"),
    "SQLITE_CONSTRAINT_FOREIGNKEY": (409, "a row is missing, or still needed by another"),
    "23001": (409, "still needed by another row"),
    "23514": (422, "a value is not allowed"),
    "SQLITE_CONSTRAINT_CHECK": (422, "a value is not allowed"),
}

# The server ends, has crashed, starts, or has too many connections.
AWAY = {"57P01", "57P02", "57P03", "53300"}


def handle_errors(app: FastAPI) -> None:
    for kind in STATUS:
        app.add_exception_handler(kind, _ours)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(IntegrityError, _constraint)
    app.add_exception_handler(TimeoutError, _no_connection)
    app.add_exception_handler(DBAPIError, _database)
    app.add_exception_handler(OutcomeUnknownError, _unknown)


async def _ours(_request: Request, error: Exception) -> JSONResponse:
    status = next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)
    return _answer(status, str(error))


async def _invalid(_request: Request, error: Exception) -> JSONResponse:
    """Without the input: it may be a secret, or be nothing that JSON can say, which is a 500."""
    assert isinstance(error, RequestValidationError)
    said = [{key: one[key] for key in ("type", "loc", "msg")} for one in error.errors()]
    return JSONResponse({"detail": said}, 422)


async def _constraint(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, IntegrityError)
    code = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "sqlite_errorname", "")
    if code not in CONSTRAINTS:  # A NULL that our schemas let through is a mistake of ours.
        raise error
    return _answer(*CONSTRAINTS[code])


async def _no_connection(request: Request, error: Exception) -> JSONResponse:
    """All connections were in use for as long as a request waits."""
    logger.error("no connection", extra={"pool": request.state.database.engine.pool.status()})
    return _answer(503, "busy, try again", {"Retry-After": "1"})


async def _database(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, DBAPIError)
    code = getattr(error.orig, "sqlstate", None)
    if isinstance(error, DataError) or str(code).startswith("22"):
        return _answer(
            422, "a value cannot be stored"
        )  # Too large a number, say, or the character 0.
    could_not_connect = isinstance(error, OperationalError) and code is error.statement is None
    if not (error.connection_invalidated or could_not_connect or code in AWAY):
        raise error
    logger.error("no database", exc_info=error)
    return _answer(503, "the database is away, try again", {"Retry-After": "1"})


async def _unknown(_request: Request, error: Exception) -> JSONResponse:
    """No 503: a client that tries again might order twice."""
    logger.error("the outcome is unknown", exc_info=error)
    return _answer(500, "it may have been stored: look before you try again")


def _answer(status: int, detail: str, headers: dict[str, str] | None = None) -> JSONResponse:
    return JSONResponse({"detail": detail}, status, headers)
