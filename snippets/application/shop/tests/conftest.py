"""One database for each worker, made by the migrations; one transaction for each test.

A test calls the application as a client does. What the application commits is a savepoint in the
transaction of the test, which is rolled back at the end. `DATABASE_URL` names a server, on which
databases named shop_test_… are made and dropped. Without it, the tests use a file of SQLite's.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from alembic import command
from alembic.config import Config
from fastapi import FastAPI
from sqlalchemy import URL, Connection, NullPool, make_url, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession, create_async_engine
from starlette.types import Receive, Scope, Send

from app.database import Base, Database, make_engine, make_session_factory, open_database
from app.main import State, create_app
from app.settings import Settings
from tests.factories import Factory

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Of a database that no other worker has, empty, and named so that it can only be a test's."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    given = os.environ.get("DATABASE_URL")
    if given is None:
        file = tmp_path_factory.mktemp("database") / "shop.db"
        yield Settings(database_url=make_url(f"sqlite+aiosqlite:///{file}"), pool_size=2)
        return
    server = make_url(given)
    url = server.set(database=f"shop_test_{worker}")
    asyncio.run(_on_server(server, f'DROP DATABASE IF EXISTS "{url.database}" WITH (FORCE)'))
    asyncio.run(_on_server(server, f'CREATE DATABASE "{url.database}"'))
    yield Settings(database_url=url, pool_size=2, pool_timeout=2)
    asyncio.run(_on_server(server, f'DROP DATABASE IF EXISTS "{url.database}" WITH (FORCE)'))


async def _on_server(server: URL, statement: str) -> None:
    # CREATE DATABASE cannot run in a transaction.
    engine = create_async_engine(server, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    async with engine.connect() as connection:
        await connection.execute(text(statement))
    await engine.dispose()


def alembic_config(connection: Connection) -> Config:
    config = Config(ROOT / "alembic.ini")
    config.attributes["connection"] = connection
    return config


@pytest.fixture(scope="session")
async def database(settings: Settings) -> AsyncIterator[Database]:
    """The application's own engine, and the tables as the migrations make them."""
    engine = make_engine(settings, poolclass=NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(lambda sync: command.upgrade(alembic_config(sync), "head"))
    await engine.dispose()
    async with open_database(settings) as database:
        yield database


@pytest.fixture
async def connection(database: Database) -> AsyncIterator[AsyncConnection]:
    """Its transaction is that of the test. All that uses it goes when it is rolled back."""
    async with database.engine.connect() as connection:
        transaction = await connection.begin()
        yield connection
        await transaction.rollback()


@pytest.fixture
async def app(settings: Settings) -> FastAPI:
    return create_app(settings)


@pytest.fixture
async def client(app: FastAPI, connection: AsyncConnection) -> AsyncIterator[httpx.AsyncClient]:
    """For most tests: the application's sessions join the transaction of the test."""
    sessions = make_session_factory(connection, join_transaction_mode="create_savepoint")
    async with running(app) as state:
        state["session_factory"] = sessions
        async with client_of(app, state) as client:
            yield client


@pytest.fixture
async def session(connection: AsyncConnection) -> AsyncIterator[AsyncSession]:
    """For what a test prepares or looks up: not the application's session, but its transaction."""
    sessions = make_session_factory(connection, join_transaction_mode="create_savepoint")
    async with sessions() as session:
        yield session


@pytest.fixture
def make(session: AsyncSession) -> Factory:
    """Rows for a test: `await make.product(stock=1)`."""
    return Factory(session)


@pytest.fixture
async def real_client(app: FastAPI, database: Database) -> AsyncIterator[httpx.AsyncClient]:
    """For what happens at once: a connection for each request, and commits that are real."""
    async with running(app) as state, client_of(app, state) as client:
        yield client
    async with database.engine.begin() as connection:
        for table in reversed(Base.metadata.sorted_tables):
            await connection.execute(table.delete())


@asynccontextmanager
async def running(app: FastAPI) -> AsyncIterator[State]:
    """httpx runs no lifespan: enter it here, as a server does."""
    async with app.router.lifespan_context(app) as state:
        assert state is not None
        yield state  # type: ignore[misc]


@asynccontextmanager
async def client_of(app: FastAPI, state: State) -> AsyncIterator[httpx.AsyncClient]:
    """Each request gets what the lifespan has yielded."""

    async def with_state(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, "state": dict(state)}, receive, send)

    # An exception that nothing handles is a 500, as it is for a real client.
    transport = httpx.ASGITransport(with_state, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client
