# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi>=0.121", "httpx"]
# ///
# also: fastapi==0.121.*
import asyncio
import os
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
from fastapi import APIRouter, Depends, FastAPI, HTTPException
from fastapi.exceptions import ResponseValidationError
from fastapi.responses import StreamingResponse
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)


def committing(engine: AsyncEngine) -> Any:
    """Commits after its `yield`, with `scope="function"`."""

    async def get_session() -> AsyncIterator[AsyncSession]:
        async with AsyncSession(engine) as session:
            yield session
            await session.commit()

    return Depends(get_session, scope="function")


def not_committing(engine: AsyncEngine) -> Any:
    async def get_session() -> AsyncIterator[AsyncSession]:
        async with AsyncSession(engine) as session:
            yield session

    return Depends(get_session)


async def ask(router: APIRouter, times: int = 1) -> list[int]:
    app = FastAPI()
    app.include_router(router)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        return [(await client.post("/users")).status_code for _ in range(times)]


async def stored(engine: AsyncEngine) -> int | None:
    async with AsyncSession(engine) as session:
        return await session.scalar(select(func.count()).select_from(User))


async def claim_duplicate(engine: AsyncEngine) -> None:
    """With `scope="function"`, an endpoint that flushes, catches `IntegrityError` and raises `HTTPException(409)`
    answers a duplicate with 409."""
    router, dependency = APIRouter(), committing(engine)

    @router.post("/users", status_code=201)
    async def create_user(session: AsyncSession = dependency) -> None:
        session.add(User(id=1))
        try:
            await session.flush()
        except IntegrityError:
            raise HTTPException(409) from None

    assert await ask(router, times=2) == [201, 409]
    assert await stored(engine) == 1


async def claim_forgotten(engine: AsyncEngine) -> None:
    """If no dependency commits, an endpoint that forgets to commit answers 201 and stores nothing."""
    router, dependency = APIRouter(), not_committing(engine)

    @router.post("/users", status_code=201)
    async def create_user(session: AsyncSession = dependency) -> None:
        session.add(User(id=1))
        await session.flush()

    assert await ask(router) == [201]
    assert await stored(engine) == 0


async def claim_streaming_response(engine: AsyncEngine) -> None:
    """The generator of a `StreamingResponse` runs after that commit, too: with `scope="function"`, what it flushes
    with the request's session is not stored unless it commits."""
    router, dependency = APIRouter(), committing(engine)

    @router.post("/users")
    async def create_users(session: AsyncSession = dependency) -> StreamingResponse:
        session.add(User(id=1))

        async def lines() -> AsyncIterator[str]:
            session.add(User(id=2))
            await session.flush()
            yield "two"
            await session.close()  # FastAPI has closed it before, and does not close it again.

        return StreamingResponse(lines())

    assert await ask(router) == [200]
    assert await stored(engine) == 1


async def claim_no_response(engine: AsyncEngine) -> None:
    """If FastAPI cannot make a response of what the endpoint returned, the code after the `yield` does not run, and
    nothing is stored."""
    router, dependency = APIRouter(), committing(engine)
    error = None

    @router.post("/users")
    async def create_user(session: AsyncSession = dependency) -> int:
        session.add(User(id=1))
        return "one"  # type: ignore[return-value]

    try:
        await ask(router)
    except ResponseValidationError as raised:
        error = raised
    assert error is not None
    assert await stored(engine) == 0


async def claim_committed_and_raised(engine: AsyncEngine) -> None:
    """If the endpoint or its service commits and then raises `HTTPException`, the row is kept."""
    router, dependency = APIRouter(), not_committing(engine)

    @router.post("/users")
    async def create_user(session: AsyncSession = dependency) -> None:
        session.add(User(id=1))
        await session.commit()
        raise HTTPException(409)

    assert await ask(router) == [409]
    assert await stored(engine) == 1


async def reason_against(claim: Callable[[AsyncEngine], Awaitable[None]]) -> str:
    """Why a claim does not hold here, or nothing."""
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        await claim(engine)
    except Exception as error:
        line = traceback.extract_tb(error.__traceback__)[-1].line
        return f"{type(error).__name__}: {str(error).partition(chr(10))[0] or line}"
    finally:
        await engine.dispose()
    return ""


async def main() -> None:
    for name, claim in list(globals().items()):
        if name.startswith("claim_"):
            sentence, against = " ".join(claim.__doc__.split()), await reason_against(claim)
            print(f"does not hold: {sentence} ({against})" if against else f"holds: {sentence}")
    engine = create_async_engine(DATABASE_URL)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)  # Out of the way of a file that has some of these tables.
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
