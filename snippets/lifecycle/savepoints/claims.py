# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import traceback
from collections.abc import Awaitable, Callable
from contextlib import suppress

from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")
DUPLICATE = text("INSERT INTO users (id, email) VALUES (9, 'ada@example.org')")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)


async def stored(engine: AsyncEngine) -> int | None:
    async with AsyncSession(engine) as session:
        return await session.scalar(select(func.count()).select_from(User))


async def claim_flush_caught_inside(engine: AsyncEngine) -> None:
    """If a flush fails in the savepoint and you catch its error there, the savepoint is rolled back, with what
    was flushed in it before; the block ends without an exception."""
    async with AsyncSession(engine) as session, session.begin():
        session.add(User(id=1, email="ada@example.org"))
        async with session.begin_nested():
            session.add(User(id=2, email="eve@example.org"))
            await session.flush()
            session.add(User(id=3, email="ada@example.org"))
            with suppress(IntegrityError):
                await session.flush()
    assert await stored(engine) == 1


async def claim_flushes_at_its_start(engine: AsyncEngine) -> None:
    """`begin_nested()` first flushes what you added before it: outside of another savepoint, an error of that flush loses the whole transaction."""
    async with AsyncSession(engine) as session, session.begin():
        session.add(User(id=1, email="ada@example.org"))
        await session.flush()
        session.add(User(id=2, email="ada@example.org"))
        with suppress(IntegrityError):
            async with session.begin_nested():
                session.add(User(id=3, email="eve@example.org"))
    assert await stored(engine) == 0


async def claim_statement_fails(engine: AsyncEngine) -> None:
    """After the database has refused a statement of your own in a transaction, it accepts no other until a rollback."""
    async with AsyncSession(engine) as session:
        session.add(User(id=1, email="ada@example.org"))
        await session.flush()
        with suppress(IntegrityError):
            await session.execute(DUPLICATE)
        error = None
        try:
            await session.execute(text("SELECT 1"))
        except Exception as raised:
            error = raised
        assert error is not None, "the next statement succeeded"


async def claim_on_conflict(engine: AsyncEngine) -> None:
    """At the default isolation level, `INSERT … ON CONFLICT DO NOTHING` that names no columns leaves a duplicate out without an error, and the transaction goes on."""
    async with AsyncSession(engine) as session, session.begin():
        session.add(User(id=1, email="ada@example.org"))
        await session.flush()
        await session.execute(text(f"{DUPLICATE} ON CONFLICT DO NOTHING"))
        session.add(User(id=2, email="eve@example.org"))
    assert await stored(engine) == 2


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
