# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi>=0.121", "httpx"]
# ///
# also: fastapi==0.121.*, fastapi==0.137.*
# raises: fastapi.exceptions.DependencyScopeError
import asyncio
import os
from collections.abc import AsyncIterator
from typing import Annotated

import httpx
from fastapi import APIRouter, Depends, FastAPI
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")

engine = create_async_engine(DATABASE_URL)
session_factory = async_sessionmaker(engine, expire_on_commit=False)


async def get_session() -> AsyncIterator[AsyncSession]:
    async with session_factory() as session:
        yield session
        await session.commit()


SessionDep = Annotated[AsyncSession, Depends(get_session, scope="function")]


async def current_user(session: SessionDep) -> AsyncIterator[str]:
    name = await session.scalar(text("SELECT 'Ada'"))
    yield str(name)


# --8<-- [start:application]
router = APIRouter()


@router.get("/greeting")
async def greeting() -> str:
    return "Hello"


app = FastAPI()
app.include_router(router, dependencies=[Depends(current_user)])
# --8<-- [end:application]


# --8<-- [start:test]
def test_every_endpoint_can_be_built() -> None:
    app.openapi()


# --8<-- [end:test]


async def main() -> None:
    try:
        # --8<-- [start:ask]
        async with app.router.lifespan_context(app):
            print("the application has started")
            #> the application has started
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://app") as client:
            print("GET /greeting:", (await client.get("/greeting")).status_code)
            #> GET /greeting: 500
        test_every_endpoint_can_be_built()
        # --8<-- [end:ask]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
