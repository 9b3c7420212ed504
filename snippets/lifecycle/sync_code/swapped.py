# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import warnings
from collections.abc import Callable
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


# --8<-- [start:ways]
def scalar(session: Any) -> None:
    session.execute(text("SELECT 1")).scalar()


def with_block(session: Any) -> None:
    with session:
        pass


def commit(session: Any) -> None:
    session.commit()


# --8<-- [end:ways]


def outcome(way: Callable[[Any], None], session: AsyncSession) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        try:
            way(session)
        except Exception as error:
            return type(error).__name__
    return "nothing is raised, and nothing is done"


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with AsyncSession(engine) as session:
            # --8<-- [start:table]
            print("left as it was | outcome")
            #> left as it was | outcome
            for way in (scalar, with_block, commit):
                print(f"{way.__name__} | {outcome(way, session)}")
                #> scalar | AttributeError
                #> with_block | TypeError
                #> commit | nothing is raised, and nothing is done
            # --8<-- [end:table]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
