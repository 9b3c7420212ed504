# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi", "httpx", "uvicorn",
# ]
# ///
import asyncio
import os
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import httpx
import uvicorn
from fastapi import Depends, FastAPI
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)


def application(engine: AsyncEngine, before_commit: Callable[[AsyncSession], Awaitable[None]]) -> FastAPI:
    """An endpoint that stores an order, and a dependency in the default scope that commits after its `yield`."""
    app = FastAPI()

    async def get_session() -> AsyncIterator[AsyncSession]:
        async with AsyncSession(engine) as session:
            yield session
            await before_commit(session)
            await session.commit()

    committing = Depends(get_session)

    @app.post("/orders/{number}", status_code=201)
    async def create_order(number: int, session: AsyncSession = committing) -> None:
        session.add(Order(id=number))

    return app


async def told_and_stored(engine: AsyncEngine, app: FastAPI) -> tuple[int, int | None]:
    async with serving(app) as client:
        response = await client.post("/orders/1")
    async with AsyncSession(engine) as session:
        return response.status_code, await session.scalar(select(func.count()).select_from(Order))


async def nothing(session: AsyncSession) -> None:
    pass


async def fail(session: AsyncSession) -> None:
    raise RuntimeError("the mail server is down")


async def claim_unflushed(engine: AsyncEngine) -> None:
    """In the default scope, a duplicate that no flush has found before the commit is a 201, too."""
    async with AsyncSession(engine) as session:
        session.add(Order(id=1))
        await session.commit()
    told, stored = await told_and_stored(engine, application(engine, nothing))
    assert (told, stored) == (201, 1), f"the client is told {told}"


async def claim_any_exception(engine: AsyncEngine) -> None:
    """In the default scope, the client has its 201 although a `RuntimeError` is raised between the `yield` and the commit, and
    nothing is stored."""
    assert await told_and_stored(engine, application(engine, nothing)) == (201, 1)
    async with AsyncSession(engine) as session:
        await session.delete(await session.get_one(Order, 1))
        await session.commit()
    told, stored = await told_and_stored(engine, application(engine, fail))
    assert (told, stored) == (201, 0), f"the client is told {told}"


@asynccontextmanager
async def serving(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a real server on a free port."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical"))
    task = asyncio.create_task(server.serve())
    try:
        while not server.started:
            await asyncio.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            yield client
    finally:
        server.should_exit = True
        await task


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
