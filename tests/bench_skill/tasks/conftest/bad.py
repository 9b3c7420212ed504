from collections.abc import AsyncIterator

import httpx
import pytest_asyncio
from app import Base, app, engine, get_session, session_factory  # type: ignore[import-not-found]
from sqlalchemy.ext.asyncio import AsyncSession


@pytest_asyncio.fixture(scope="session", autouse=True)
async def tables() -> AsyncIterator[None]:
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    yield
    await engine.dispose()


@pytest_asyncio.fixture
async def session() -> AsyncIterator[AsyncSession]:
    async with session_factory() as session:
        yield session
        await session.rollback()


@pytest_asyncio.fixture
async def client(session: AsyncSession) -> AsyncIterator[httpx.AsyncClient]:
    app.dependency_overrides[get_session] = lambda: session
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        yield client
    app.dependency_overrides.clear()
