# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import traceback
from collections.abc import Awaitable, Callable

from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)


def count(connection: Connection) -> int:
    return int(connection.exec_driver_sql("SELECT count(*) FROM orders").scalar_one())


async def claim_first_argument(engine: AsyncEngine) -> None:
    """`run_sync(function, x)` calls `function(connection, x)`: the connection comes first."""

    def received(*arguments: object) -> list[str]:
        return [type(argument).__name__ for argument in arguments]

    async with engine.connect() as connection:
        assert await connection.run_sync(received, "SELECT 1") == ["Connection", "str"]


async def claim_session_connection(engine: AsyncEngine) -> None:
    """In `session.run_sync`, `session.connection()` is the connection of the session's transaction: it sees rows that are not committed."""

    def both(session: Session) -> tuple[int, int]:
        with session.get_bind().connect() as another:  # type: ignore[union-attr]
            return count(session.connection()), count(another)

    async with AsyncSession(engine) as session:
        session.add(Order(id=1))
        await session.flush()
        inside, outside = await session.run_sync(both)
    assert inside == 1
    assert outside == 0


async def claim_begin(engine: AsyncEngine) -> None:
    """Rows that a function writes in `run_sync` are rolled back at the end of `engine.connect()`, and committed by `engine.begin()`."""

    def write(connection: Connection) -> None:
        connection.exec_driver_sql("INSERT INTO orders (id) VALUES (1)")

    async with engine.connect() as connection:
        await connection.run_sync(write)
    async with engine.connect() as connection:
        assert await connection.run_sync(count) == 0
    async with engine.begin() as connection:
        await connection.run_sync(write)
    async with engine.connect() as connection:
        assert await connection.run_sync(count) == 1


async def claim_other_tasks(engine: AsyncEngine) -> None:
    """While a function in `run_sync` waits for the database, other tasks run. While it computes, they do not."""
    turns = 0

    async def another_task() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    def report(connection: Connection) -> list[int]:
        seen = [turns]
        connection.execute(text("SELECT 1"))
        seen.append(turns)
        sum(range(1_000_000))
        return [*seen, turns]

    task = asyncio.create_task(another_task())
    async with engine.connect() as connection:
        before, queried, computed = await connection.run_sync(report)
    task.cancel()
    await asyncio.wait([task])
    assert queried > before
    assert computed == queried


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
