# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi"]
# ///
import asyncio
import os
import re
from collections.abc import AsyncIterator, Iterator
from typing import Any

from fastapi import Depends, FastAPI
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")

engine = create_async_engine(DATABASE_URL)
session_factory = async_sessionmaker(engine, expire_on_commit=False)
app = FastAPI()


# --8<-- [start:dependencies]
async def get_session() -> AsyncIterator[AsyncSession]:
    async with session_factory() as session:
        yield session


def get_setting() -> Iterator[str]:
    yield "Europe/London"


async def get_user() -> str:
    return "Ada"


# --8<-- [end:dependencies]


def what_it_says(called: Any) -> str:
    async def me(value: Any = Depends(called)) -> None: ...  # noqa: B008

    try:
        app.get("/me")(me)
    except TypeError as error:
        return re.sub("0x[0-9a-f]+", "0x...", str(error))
    return "nothing"


async def main() -> None:
    # --8<-- [start:table]
    print("You wrote | it says")
    #> You wrote | it says
    user = get_user()
    calls = {"get_session": get_session(), "get_setting": get_setting(), "get_user": user}
    for name, called in calls.items():
        print(f"Depends({name}()) | {what_it_says(called)}")
        #> Depends(get_session()) | <async_generator object get_session at 0x...> is not a callable object
        #> Depends(get_setting()) | <generator object get_setting at 0x...> is not a callable object
        #> Depends(get_user()) | <coroutine object get_user at 0x...> is not a callable object
    user.close()
    # --8<-- [end:table]


if __name__ == "__main__":
    asyncio.run(main())
