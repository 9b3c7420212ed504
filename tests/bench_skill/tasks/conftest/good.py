from collections.abc import AsyncIterator

import httpx
import pytest_asyncio
from app import Base, app, engine, get_session  # type: ignore[import-not-found]
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession


def _begin_by_hand(connection: object, _: object) -> None:
    # sqlite3 must not begin and end transactions by itself, or a savepoint does not hold.
    connection.isolation_level = None  # type: ignore[attr-defined]


if engine.dialect.name == "sqlite":
    event.listen(engine.sync_engine, "connect", _begin_by_hand)
    event.listen(engine.sync_engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))


@pytest_asyncio.fixture(scope="session")
async def tables() -> AsyncIterator[None]:
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    yield
    await engine.dispose()


@pytest_asyncio.fixture
async def connection(tables: None) -> AsyncIterator[AsyncConnection]:
    async with engine.connect() as connection:
        transaction = await connection.begin()
        yield connection
        await transaction.rollback()


@pytest_asyncio.fixture
async def client(connection: AsyncConnection) -> AsyncIterator[httpx.AsyncClient]:
    async def of_the_test() -> AsyncIterator[AsyncSession]:
        async with AsyncSession(
            connection, expire_on_commit=False, join_transaction_mode="create_savepoint"
        ) as session:
            yield session

    app.dependency_overrides[get_session] = of_the_test
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        yield client
    app.dependency_overrides.clear()
