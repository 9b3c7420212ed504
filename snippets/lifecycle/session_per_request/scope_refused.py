# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi>=0.121"]
# ///
import os
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, FastAPI
from fastapi.exceptions import DependencyScopeError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")

engine = create_async_engine(DATABASE_URL)
session_factory = async_sessionmaker(engine, expire_on_commit=False)
app = FastAPI()


async def get_session() -> AsyncIterator[AsyncSession]:
    async with session_factory() as session:
        yield session


SessionDep = Annotated[AsyncSession, Depends(get_session, scope="function")]


# --8<-- [start:refused]
async def current_user(session: SessionDep) -> AsyncIterator[str]:
    yield "Ada"


def add_endpoint() -> None:
    @app.get("/me")
    async def me(user: Annotated[str, Depends(current_user)]) -> str:
        return user


# --8<-- [end:refused]


def main() -> None:
    # --8<-- [start:error]
    try:
        add_endpoint()
    except DependencyScopeError as error:
        print(type(error).__name__)
        #> DependencyScopeError
        print(str(error).partition(", ")[2])
        #> it cannot depend on dependencies with scope "function".
    # --8<-- [end:error]


if __name__ == "__main__":
    main()
