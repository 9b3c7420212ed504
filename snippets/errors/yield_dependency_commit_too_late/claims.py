# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi", "httpx"]
# ///
# also: fastapi==0.121.*
import asyncio
import os
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Annotated, Any

import httpx
from fastapi import Depends, FastAPI, Request
from sqlalchemy import ForeignKey, event
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from starlette.types import Message, Receive, Scope, Send

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)


class Payment(Base):
    __tablename__ = "payments"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id", deferrable=True, initially="DEFERRED"))


CHECK_FOREIGN_KEYS = {"sqlite": "PRAGMA foreign_keys = ON", "postgresql": "SELECT 'it always does'"}


async def get_session(request: Request) -> AsyncIterator[AsyncSession]:
    async with AsyncSession(request.app.state.engine) as session:
        yield session
        if request.app.state.committing:
            await session.commit()
            request.app.state.events.append("commit")


async def create(session: Annotated[AsyncSession, Depends(get_session)]) -> None:
    session.add(Order(id=1))


async def post_an_order(engine: AsyncEngine, committing: bool) -> tuple[int, bool, list[str]]:
    """The status, whether another session then finds the row, and what happened in which order."""
    events: list[str] = []
    app = FastAPI()
    app.state.engine, app.state.committing, app.state.events = engine, committing, events
    app.add_api_route("/orders", create, methods=["POST"], status_code=201)

    async def watched(scope: Scope, receive: Receive, send: Send) -> None:
        async def sending(message: Message) -> None:
            events.append(message["type"])
            await send(message)

        await app(scope, receive, sending)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(watched), base_url="http://test") as client:
        response = await client.post("/orders")
    async with AsyncSession(engine) as other:
        return response.status_code, await other.get(Order, 1) is not None, events


async def claim_test_is_blind(engine: AsyncEngine) -> None:
    """A test that posts through `ASGITransport` and reads the row back passes, although the commit comes after the response."""
    status, found, events = await post_an_order(engine, committing=True)
    assert (status, found) == (201, True)
    assert events[-1] == "commit", "the commit comes before the response"


async def claim_test_finds_no_commit(engine: AsyncEngine) -> None:
    """A test that posts, and reads the row back through another connection, fails if the dependency does not commit at all."""
    status, found, _ = await post_an_order(engine, committing=False)
    assert (status, found) == (201, False)


async def commit(engine: AsyncEngine, row: Base) -> None:
    async with AsyncSession(engine) as session:
        session.add(row)
        await session.commit()


async def commit_or_roll_back(engine: AsyncEngine, row: Base) -> None:
    async with AsyncSession(engine) as session:
        session.add(row)
        try:
            await session.commit()
        except IntegrityError:
            await session.rollback()
            raise


async def begin(engine: AsyncEngine, row: Base) -> None:
    async with AsyncSession(engine) as session, session.begin():
        session.add(row)


async def after_a_failed_commit(engine: AsyncEngine, store: Callable[[AsyncEngine, Base], Awaitable[None]]) -> list[str]:
    """A payment without its order, and then an order, over the same connection."""
    one = create_async_engine(engine.url, pool_size=1, max_overflow=0)

    @event.listens_for(one.sync_engine, "connect")
    def check(connection: Any, record: object) -> None:
        connection.cursor().execute(CHECK_FOREIGN_KEYS[engine.dialect.name])

    outcomes = []
    for row in (Payment(order_id=7), Order()):
        try:
            await store(one, row)
            outcomes.append("works")
        except IntegrityError:
            outcomes.append("fails")
    await one.dispose()
    return outcomes


async def claim_failed_commit(engine: AsyncEngine) -> None:
    """After a COMMIT that failed, it is enough to close the session: the next transaction on the same connection works."""
    payment, order = await after_a_failed_commit(engine, commit)
    assert payment == "fails"
    assert order == "works", "its COMMIT fails with the same error"


async def claim_rolled_back(engine: AsyncEngine) -> None:
    """After a COMMIT that failed and a `rollback()`, the next transaction on the same connection works. A block with `session.begin()` rolls back by itself."""
    assert await after_a_failed_commit(engine, commit_or_roll_back) == ["fails", "works"]
    assert await after_a_failed_commit(engine, begin) == ["fails", "works"]


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
