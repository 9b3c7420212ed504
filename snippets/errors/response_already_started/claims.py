# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi>=0.121", "httpx",
# ]
# ///
# also: fastapi==0.121.*
import asyncio
import os
import traceback
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.pool import NullPool

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # It would rather have httpx2.
    from fastapi.testclient import TestClient

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Subscriber(Base):
    __tablename__ = "subscribers"

    email: Mapped[str] = mapped_column(primary_key=True)


def application(engine: AsyncEngine, flush: bool) -> FastAPI:
    """Turns a duplicate into a 409: after the `yield`, or in the endpoint."""
    app = FastAPI()

    async def get_session() -> AsyncIterator[AsyncSession]:
        async with AsyncSession(engine) as session:
            yield session
            try:
                await session.commit()
            except IntegrityError as error:
                raise HTTPException(409) from error

    @app.post("/subscribers", status_code=201)
    async def subscribe(email: str, session: Annotated[AsyncSession, Depends(get_session)]) -> None:
        session.add_all([Subscriber(email=email), Subscriber(email=f"second-{email}")])
        if flush:
            try:
                await session.flush()
            except IntegrityError as error:
                raise HTTPException(409) from error

    return app


async def answer(flush: bool, quiet: bool) -> int | str:
    """What a test sees of a duplicate; quiet: it is told not to raise what the server raises."""
    engine = create_async_engine(DATABASE_URL, poolclass=NullPool)
    async with AsyncSession(engine) as session:
        session.add(Subscriber(email="ada@example.org"))
        await session.commit()
    client = TestClient(application(engine, flush), raise_server_exceptions=not quiet)
    try:
        response = await asyncio.to_thread(client.post, "/subscribers?email=ada@example.org")
        return int(response.status_code)
    except RuntimeError as error:
        return f"RuntimeError: {error}"


async def claim_test_client(engine: AsyncEngine) -> None:
    """A test with `TestClient` ends in the `RuntimeError`. With `raise_server_exceptions=False` it sees what a client is told: 201."""
    assert await answer(flush=False, quiet=False) == "RuntimeError: Caught handled exception, but response already started."
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    assert await answer(flush=False, quiet=True) == 201


async def claim_other_rows(engine: AsyncEngine) -> None:
    """The other rows of this request are not stored either, although the client was told 201."""
    assert await answer(flush=False, quiet=True) == 201
    async with AsyncSession(engine) as session:
        assert await session.scalar(select(func.count(Subscriber.email))) == 1


async def claim_flush(engine: AsyncEngine) -> None:
    """`await session.flush()` in the endpoint, with the 409 raised there, arrives as a 409, also with a commit in the default scope."""
    assert await answer(flush=True, quiet=False) == 409


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
