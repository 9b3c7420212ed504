# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import traceback
from collections.abc import Awaitable, Callable

from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.orm.exc import UnmappedInstanceError

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)


class Forgotten:
    """Declared like a model, but it does not inherit from `Base`."""

    __tablename__ = "forgotten"


async def message(call: Callable[[], Awaitable[object]]) -> str:
    try:
        await call()
    except UnmappedInstanceError as error:
        return str(error)
    return ""


async def claim_four_calls(engine: AsyncEngine) -> None:
    """`add()`, `delete()`, `merge()` and `refresh()` all raise it for a dict."""
    async with AsyncSession(engine) as session:

        async def add() -> None:
            session.add({"id": 1})

        calls: list[Callable[[], Awaitable[object]]] = [
            add,
            lambda: session.delete({}),
            lambda: session.merge({}),
            lambda: session.refresh({}),
        ]
        for call in calls:
            assert "Class 'builtins.dict' is not mapped" in await message(call)


async def claim_not_a_model(engine: AsyncEngine) -> None:
    """A class that looks like a model, but does not inherit from your declarative base, is named in the text."""
    async with AsyncSession(engine) as session:

        async def add() -> None:
            session.add(Forgotten())

        assert "Forgotten' is not mapped" in await message(add)


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
