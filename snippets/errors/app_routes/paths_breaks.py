# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi"]
# ///
# raises: AttributeError
# also: fastapi==0.137.*
import asyncio
import os
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")
engine = create_async_engine(DATABASE_URL)
session_factory = async_sessionmaker(engine)


async def get_session() -> AsyncIterator[AsyncSession]:
    async with session_factory() as session:
        yield session


# --8<-- [start:endpoints]
app = FastAPI(openapi_url=None)
router = APIRouter(prefix="/users")


@app.get("/health")
async def health() -> str:
    return "ok"


@router.get("/count")
async def count(session: Annotated[AsyncSession, Depends(get_session)]) -> int:
    return await session.scalar(text("SELECT 42")) or 0


app.include_router(router)
# --8<-- [end:endpoints]


# --8<-- [start:paths]
def paths(app: FastAPI) -> list[str]:
    routes: Any = app.routes
    return [route.path for route in routes]


# --8<-- [end:paths]


async def main() -> None:
    # --8<-- [start:print]
    print(paths(app))
    # --8<-- [end:print]
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
