"""What the checks share: the database from beside, a client that sees when the response begins, statements counted."""

from __future__ import annotations

import contextlib
import os
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import httpx
from sqlalchemy import Engine, MetaData, create_engine, event, text

URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///bench.db")


def tables(metadata: MetaData) -> None:
    engine = beside()
    metadata.create_all(engine)
    engine.dispose()


def beside() -> Engine:
    """An engine that does not belong to the answer."""
    return create_engine(URL.replace("+aiosqlite", ""))


def ask(statement: str, **values: object) -> list[Any]:
    """Rows that are committed, as another connection sees them; or a change, committed at once."""
    engine = beside()
    with engine.begin() as connection:
        result = connection.execute(text(statement), values)
        rows = list(result) if result.returns_rows else []
    engine.dispose()
    return rows


@contextlib.asynccontextmanager
async def client_of(
    app: Any, at_start: Callable[[], None] = lambda: None
) -> AsyncIterator[httpx.AsyncClient]:
    """With the lifespan, as a server has it; `at_start` is called when the client learns the status."""
    async with app.router.lifespan_context(app) as state:

        async def watched(scope: Any, receive: Any, send: Any) -> None:
            async def sending(message: Any) -> None:
                if message["type"] == "http.response.start":
                    at_start()
                await send(message)

            await app({**scope, "state": dict(state or {})}, receive, sending)

        transport = httpx.ASGITransport(watched, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://app") as client:
            yield client


@contextlib.contextmanager
def before_the_insert(table: str, other: Callable[[], object]) -> Iterator[None]:
    """Another request is faster, once: it commits right before the answer's own INSERT is sent."""
    left = [other]

    def hurry(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        if (
            statement.upper().startswith(f"INSERT INTO {table.upper()}")
            and connection.engine.driver == "aiosqlite"
        ):
            while left:
                left.pop()()

    event.listen(Engine, "before_cursor_execute", hurry)
    yield
    event.remove(Engine, "before_cursor_execute", hurry)


@contextlib.contextmanager
def statements() -> Iterator[list[str]]:
    """The SELECTs that are sent inside."""
    sent: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        if statement.upper().startswith("SELECT"):
            sent.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    yield sent
    event.remove(Engine, "before_cursor_execute", note)
