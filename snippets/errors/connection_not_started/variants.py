# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
from collections.abc import Awaitable, Callable

from sqlalchemy import text
from sqlalchemy.exc import InvalidRequestError, ResourceClosedError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


# --8<-- [start:variants]
async def never_awaited(engine: AsyncEngine) -> None:
    connection = engine.connect()
    await connection.execute(text("SELECT 1"))


async def transaction_never_awaited(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        transaction = connection.begin()
        await transaction.commit()


async def session_transaction_never_awaited(engine: AsyncEngine) -> None:
    async with AsyncSession(engine) as session:
        transaction = session.begin()
        await transaction.commit()


async def awaited_and_entered(engine: AsyncEngine) -> None:
    connection = await engine.connect()
    try:
        async with connection:
            await connection.execute(text("SELECT 1"))
    finally:
        await connection.close()


async def used_after_the_block(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        await connection.execute(text("SELECT 1"))
    await connection.execute(text("SELECT 1"))


# --8<-- [end:variants]


VARIANTS: list[Callable[[AsyncEngine], Awaitable[None]]] = [
    never_awaited,
    transaction_never_awaited,
    session_transaction_never_awaited,
    awaited_and_entered,
    used_after_the_block,
]


# --8<-- [start:table]
async def compare(engine: AsyncEngine) -> None:
    print("what is wrong | it raises")
    #> what is wrong | it raises
    for variant in VARIANTS:
        try:
            await variant(engine)
        except (InvalidRequestError, ResourceClosedError) as error:
            says = str(error).partition(" and object")[0]
            print(f"`{variant.__name__}` | `{says}`")
            #> `never_awaited` | `AsyncConnection context has not been started`
            #> `transaction_never_awaited` | `AsyncTransaction context has not been started`
            #> `session_transaction_never_awaited` | `AsyncSessionTransaction context has not been started`
            #> `awaited_and_entered` | `connection is already started`
            #> `used_after_the_block` | `This Connection is closed`


# --8<-- [end:table]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        await compare(engine)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
