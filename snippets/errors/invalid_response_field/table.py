# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi"]
# ///
import asyncio
import os
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import Depends, FastAPI
from fastapi.exceptions import FastAPIError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")

engine = create_async_engine(DATABASE_URL)
session_factory = async_sessionmaker(engine, expire_on_commit=False)
app = FastAPI()


async def get_session() -> AsyncIterator[AsyncSession]:
    async with session_factory() as session:
        yield session


# --8<-- [start:endpoints]
async def bare(session: AsyncSession) -> None: ...


async def called(session: AsyncSession = get_session()) -> None: ...  # type: ignore[assignment]  # noqa: B008


async def no_depends(session: Annotated[AsyncSession, get_session]) -> None: ...


async def right(session: Annotated[AsyncSession, Depends(get_session)]) -> None: ...


# --8<-- [end:endpoints]


def what_it_says(endpoint: Any) -> str:
    try:
        app.get("/me")(endpoint)
    except FastAPIError as error:
        return str(error).partition(" Hint")[0]
    return "works"


async def main() -> None:
    # --8<-- [start:table]
    print("The parameter | adding the endpoint")
    #> The parameter | adding the endpoint
    endpoints: dict[str, Any] = {
        "session: AsyncSession": bare,
        "session: AsyncSession = get_session()": called,
        "session: Annotated[AsyncSession, get_session]": no_depends,
        "session: Annotated[AsyncSession, Depends(get_session)]": right,
    }
    for parameter, endpoint in endpoints.items():
        print(f"{parameter} | {what_it_says(endpoint)}")
        #> session: AsyncSession | Invalid args for response field!
        #> session: AsyncSession = get_session() | Invalid args for response field!
        #> session: Annotated[AsyncSession, get_session] | Invalid args for response field!
        #> session: Annotated[AsyncSession, Depends(get_session)] | works
    # --8<-- [end:table]


if __name__ == "__main__":
    asyncio.run(main())
