"""A line of JSON for each request and each slow query, with the request's id; and metrics."""

import json
import logging
import re
import time
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from prometheus_client import CollectorRegistry, Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import ExceptionContext, event
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import QueuePool
from starlette.types import ASGIApp, Message, Receive, Scope, Send

logger = logging.getLogger(__name__)


@dataclass
class Current:
    """The request that is being answered."""

    id: str
    statements: int = 0


current: ContextVar[Current | None] = ContextVar("current", default=None)

_METHODS = {"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"}
_USUAL = {*vars(logging.makeLogRecord({})), "message", "asctime", "color_message", "taskName"}


class JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        request = current.get()
        line = {
            "time": self.formatTime(record),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "request": request and request.id,
            **{name: value for name, value in vars(record).items() if name not in _USUAL},
        }
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


def log_as_json(level: str) -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):  # uvicorn writes lines of its own.
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = name != "uvicorn.access"  # Our line says more.


class ObserveRequests:
    """Plain ASGI: what it sets in a ContextVar reaches the endpoint and the database's events."""

    def __init__(self, app: ASGIApp, seconds: Histogram) -> None:
        self.app, self.seconds = app, seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request, status, began = Current(_id_of(scope)), 500, time.perf_counter()
        token = current.set(request)

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", request.id.encode())]
            await send(message)

        try:
            await self.app(scope, receive, sending)
        finally:
            took = time.perf_counter() - began
            # The route, not the path: there are as many paths as rows. A method can be any word.
            route = getattr(scope.get("route"), "path", "none")
            method = scope["method"] if scope["method"] in _METHODS else "other"
            self.seconds.labels(method, route, status).observe(took)
            logger.info(
                "request",
                extra={
                    "method": scope["method"],
                    "path": scope["path"],
                    "status": status,
                    "ms": round(took * 1000, 1),
                    "statements": request.statements,
                },
            )
            current.reset(token)


def _id_of(scope: Scope) -> str:
    """The id that a proxy has given, if it can go into a log as it is."""
    given = dict(scope["headers"]).get(b"x-request-id", b"").decode("latin-1")
    return given if re.fullmatch(r"[A-Za-z0-9_-]{1,64}", given) else uuid4().hex


def log_slow_queries(engine: AsyncEngine, slower_than_ms: float) -> None:
    """Also one that fails: what the server stops after `statement_timeout` is the slowest."""

    @event.listens_for(engine.sync_engine, "before_cursor_execute")
    def before(
        _connection: Any, _cursor: Any, _sql: str, _values: Any, context: Any, *_: Any
    ) -> None:
        context.began = time.perf_counter()
        if request := current.get():
            request.statements += 1

    def report(context: Any, sql: str | None) -> None:
        began = getattr(context, "began", None)
        if began is None:
            return
        context.began = None
        took = (time.perf_counter() - began) * 1000
        if took >= slower_than_ms:
            logger.warning("slow query", extra={"sql": sql, "ms": round(took, 1)})

    @event.listens_for(engine.sync_engine, "after_cursor_execute")
    def after(
        _connection: Any, _cursor: Any, sql: str, _values: Any, context: Any, *_: Any
    ) -> None:
        report(context, sql)

    @event.listens_for(engine.sync_engine, "handle_error")
    def failed(error: ExceptionContext) -> None:
        report(error.execution_context, error.statement)


class PoolCollector(Collector):
    """Read when it is asked for. With several workers, each answers for its own pool."""

    def __init__(self, engine: AsyncEngine, limit: int) -> None:
        self.engine, self.limit = engine, limit

    def collect(self) -> Iterator[GaugeMetricFamily]:
        pool = self.engine.pool  # Ask each time: dispose() makes a new one.
        if isinstance(pool, QueuePool):
            now = GaugeMetricFamily("db_pool_connections", "Open connections", labels=["state"])
            now.add_metric(["used"], pool.checkedout())
            now.add_metric(["idle"], pool.checkedin())
            yield now
        yield GaugeMetricFamily("db_pool_limit", "The most there can be", value=self.limit)


def make_histogram(registry: CollectorRegistry) -> Histogram:
    return Histogram(
        "http_request_seconds",
        "From the first byte in to the last byte out",
        ["method", "route", "status"],
        registry=registry,
    )
