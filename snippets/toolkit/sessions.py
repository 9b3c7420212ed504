# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "fastapi>=0.121"]
# ///
"""One engine for the application, one session for each request, committed before the response.

Copy this file into your project: it needs SQLAlchemy (2.0.22 or 2.1) and FastAPI 0.121 or newer.

Open the database in the lifespan, and let endpoints ask for a `CommittingSession`. They add and
flush; the commit comes when they return, and before the client has its response:

```python
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.testclient import TestClient
from sessions import CommittingSession, Database, open_database
from sqlalchemy import func, select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, Database]]:
    url = os.environ.get("DATABASE_URL", "sqlite+aiosqlite://")
    async with open_database(url) as database:
        async with database.engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
        yield {"database": database}


app = FastAPI(lifespan=lifespan)


@app.post("/users", status_code=201)
async def create_user(name: str, session: CommittingSession) -> int:
    user = User(name=name)
    session.add(user)
    await session.flush()
    return user.id


@app.get("/users/count")
async def count_users(session: CommittingSession) -> int:
    return await session.scalar(select(func.count()).select_from(User)) or 0


with TestClient(app) as client:
    print(client.post("/users?name=Ada").status_code)
    #> 201
    print(client.get("/users/count").json())
    #> 1
```
"""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends
from fastapi.requests import HTTPConnection
from sqlalchemy import URL, text
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)


@dataclass(frozen=True)
class Database:
    """What lives as long as the application."""

    engine: AsyncEngine
    """For what is no request's business: creating tables, checking health."""
    session_factory: async_sessionmaker[AsyncSession]
    """For sessions outside of a request. Inside, ask for one of the dependencies below."""


@asynccontextmanager
async def open_database(
    url: str | URL, *, check_within: float | None = 10, **engine_options: Any
) -> AsyncIterator[Database]:
    """Make the engine, see whether the database answers, and dispose of the engine at the end.

    If it does not answer, that is raised on the way in. In a lifespan, that stops the server.

    Args:
        url: As for `create_async_engine`, with an async driver.
        check_within: How many seconds the database has to answer `SELECT 1`. Then comes a
            `TimeoutError` that names host and database. What a driver still does to end its
            connection goes on behind it. `None` does not ask.
        engine_options: Whatever `create_async_engine` takes. `hide_parameters` is true unless you
            say otherwise. What the database itself writes into an error can still have values.
    """
    engine = create_async_engine(url, **({"hide_parameters": True} | engine_options))
    try:
        if check_within is not None:
            await _check(engine, check_within)
        yield Database(engine, async_sessionmaker(engine, expire_on_commit=False, close_resets_only=False))
    finally:
        await engine.dispose()


async def _check(engine: AsyncEngine, within: float) -> None:
    started = time.monotonic()
    asking = asyncio.create_task(_ask(engine))
    _being_asked.add(asking)
    asking.add_done_callback(_forget)
    try:
        await asyncio.wait([asking], timeout=within)
    finally:
        # Not awaited: psycopg takes ten seconds to be cancelled when the server has gone silent.
        asking.cancel()
    place = _place(engine.url)
    if not asking.done():
        del asking  # With it the traceback would hold psycopg's socket, and keep it open.
        raise TimeoutError(f"no answer from {place} within {within:g} seconds")
    try:
        asking.result()
    except TimeoutError as error:  # The driver's own limit came first. asyncpg's has no text.
        waited = time.monotonic() - started
        raise TimeoutError(f"no answer from {place} within {waited:.1f} seconds") from error
    except Exception as error:
        error.add_note(f"The database is {place}")  # Not every driver says which.
        raise


async def _ask(engine: AsyncEngine) -> None:
    connection = await engine.connect()
    try:
        await connection.execute(text("SELECT 1"))
    finally:
        # Not `async with`: its end would go on after a cancellation, and wait for the server.
        await connection.close()


_being_asked: set[asyncio.Task[None]] = set()
"""The event loop does not keep its tasks from being collected."""


def _forget(asking: asyncio.Task[None]) -> None:
    _being_asked.discard(asking)
    if not asking.cancelled():
        asking.exception()  # Otherwise asyncio logs that it was never retrieved.


def _place(url: URL) -> str:
    """Host, port and database, and nothing that could be a secret."""
    hosts = url.host or url.query.get("host", "")
    server = hosts if isinstance(hosts, str) else ",".join(hosts)
    if url.port:
        server += f":{url.port}"
    database = url.database or ""
    place = f"{server}/{database}" if server else database
    # A password with an unescaped @ reaches into what is taken for the host.
    return place.rpartition("@")[2] or url.drivername


async def plain_session(connection: HTTPConnection) -> AsyncIterator[AsyncSession]:
    """A session for one request, closed at its end. What is not committed by then is rolled back. On
    SQLite, a savepoint that has ended can stay: it needs the two listeners of the savepoints guide."""
    _refuse_an_endpoint_that_yields(connection, plain_session)
    database: Database = connection.state.database
    async with database.session_factory() as session:
        yield session


async def committing_session(connection: HTTPConnection) -> AsyncIterator[AsyncSession]:
    """The same, and committed if the endpoint returns and FastAPI can make a response of it. If it
    raises, what it has not committed is rolled back. On SQLite, a savepoint that has ended can stay."""
    _refuse_an_endpoint_that_yields(connection, committing_session)
    database: Database = connection.state.database
    async with database.session_factory() as session:
        yield session
        # Not `session_factory.begin()`: that passes over a failed flush without a word.
        try:
            await session.commit()
        except Exception:
            await session.rollback()  # SQLite keeps the transaction, and the pool the connection.
            raise


CommittingSession = Annotated[AsyncSession, Depends(committing_session, scope="function")]
"""For endpoints that do not commit. They say no by raising: a returned error response commits."""

PlainSession = Annotated[AsyncSession, Depends(plain_session, scope="function")]
"""For endpoints that commit themselves, because they answer to what the commit says:

```python
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, HTTPException
from fastapi.testclient import TestClient
from sessions import Database, PlainSession, open_database
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Subscriber(Base):
    __tablename__ = "subscribers"
    email: Mapped[str] = mapped_column(primary_key=True)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, Database]]:
    url = os.environ.get("DATABASE_URL", "sqlite+aiosqlite://")
    async with open_database(url) as database:
        async with database.engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
        yield {"database": database}


app = FastAPI(lifespan=lifespan)


@app.post("/subscribers", status_code=201)
async def subscribe(email: str, session: PlainSession) -> None:
    session.add(Subscriber(email=email))
    try:
        await session.commit()
    except IntegrityError:
        raise HTTPException(409, "subscribed already") from None


with TestClient(app) as client:
    for _ in range(2):
        print(client.post("/subscribers?email=ada@example.org").status_code)
        #> 201
        #> 409
```

Take one of the two for all of a request: who asks for both has two sessions and two transactions. With SQLite in memory
both share a connection, and the commit of one stores what the other has flushed.
"""


def _refuse_an_endpoint_that_yields(connection: HTTPConnection, dependency: Any) -> None:
    # FastAPI runs what such an endpoint does when it has left the dependencies in function scope.
    endpoint = inspect.unwrap(connection.scope["endpoint"])
    if inspect.isasyncgenfunction(endpoint) or inspect.isgeneratorfunction(endpoint):
        route = connection.scope["route"]
        asked_for = route.dependant.dependencies  # codespell:ignore dependant
        if any(each.call is dependency for each in asked_for):
            raise RuntimeError(
                f"{route.name}() yields, so it would use this session after its end: "
                "ask for a StreamSession or a SessionFactory"
            )


async def stream_session(connection: HTTPConnection) -> AsyncIterator[AsyncSession]:
    """A session that stays open while the response is sent. It is closed afterwards."""
    database: Database = connection.state.database
    async with database.session_factory() as session:
        yield session


def session_factory(connection: HTTPConnection) -> async_sessionmaker[AsyncSession]:
    """The factory that the lifespan has made."""
    database: Database = connection.state.database
    return database.session_factory


SessionFactory = Annotated[async_sessionmaker[AsyncSession], Depends(session_factory)]
"""For endpoints that yield, and for WebSockets: a session for each item, committed before the
`yield`. What the client has received is stored, and it costs no connection while it reads."""

StreamSession = Annotated[AsyncSession, Depends(stream_session, scope="request")]
"""For endpoints that yield and store all or nothing: call `commit()` after the last item. If the
client goes before that, nothing is stored. It holds a connection until then."""
