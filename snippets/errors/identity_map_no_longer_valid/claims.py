# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import traceback
from collections.abc import Awaitable, Callable

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)


async def add_users(engine: AsyncEngine) -> None:
    async with AsyncSession(engine) as session:
        session.add_all([User(id=number) for number in range(2000)])
        await session.commit()


async def claim_in_parts(engine: AsyncEngine) -> None:
    """After the first 500 of 2000 users and a commit, the next part of `stream_scalars(select(User))` that `partitions(500)` or `fetchmany(500)` asks for is an error."""
    await add_users(engine)
    errors: list[Exception] = []
    for method in ("partitions", "fetchmany"):
        async with AsyncSession(engine) as session:
            users = await session.stream_scalars(select(User))
            first = await (anext(users.partitions(500)) if method == "partitions" else users.fetchmany(500))
            assert len(first) == 500
            await session.commit()
            try:
                await (anext(users.partitions(500)) if method == "partitions" else users.fetchmany(500))
            except Exception as raised:
                errors.append(raised)
    assert len(errors) == 2, "it reads on"


async def claim_without_a_class(engine: AsyncEngine) -> None:
    """After a commit at its first row, a stream of 2000 rows of `text()` or of a `select()` of a `Table` cannot be read to its end."""
    await add_users(engine)
    errors: list[Exception] = []
    for query in (text("SELECT id FROM users"), select(User.__table__)):
        async with AsyncSession(engine) as session:
            rows = await session.stream(query)
            await anext(rows)
            await session.commit()
            try:
                _ = [row async for row in rows]
            except Exception as raised:
                errors.append(raised)
    assert len(errors) == 2, "it reads on"


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

