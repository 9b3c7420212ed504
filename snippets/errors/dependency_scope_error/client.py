# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi>=0.121", "httpx"]
# ///
import asyncio
import os
from collections.abc import AsyncIterator
from typing import Annotated

import httpx
from fastapi import Depends, FastAPI
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")

engine = create_async_engine(DATABASE_URL)
session_factory = async_sessionmaker(engine, expire_on_commit=False)
app = FastAPI()


# --8<-- [start:dependencies]
async def get_session() -> AsyncIterator[AsyncSession]:
    async with session_factory() as session:
        yield session
        await session.commit()


SessionDep = Annotated[AsyncSession, Depends(get_session, scope="function")]


async def current_user(session: SessionDep) -> AsyncIterator[str]:
    name = await session.scalar(text("SELECT 'Ada'"))
    yield str(name)
    print(f"{name} is done")
    #> Ada is done


# --8<-- [end:dependencies]


# --8<-- [start:endpoint]
@app.get("/me")
async def me(user: Annotated[str, Depends(current_user, scope="function")]) -> str:
    return user


# --8<-- [end:endpoint]


async def main() -> None:
    try:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://app") as client:
            # --8<-- [start:client]
            response = await client.get("/me")
            print(response.status_code, response.text)
            #> 200 "Ada"
            # --8<-- [end:client]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
