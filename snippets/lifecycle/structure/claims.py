# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi", "httpx"]
# ///
# also: fastapi==0.121.*
import asyncio
import os
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Annotated

import httpx
from fastapi import APIRouter, Depends, FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")
router = APIRouter()


async def get_session() -> AsyncIterator[AsyncSession]:
    async with AsyncSession(create_async_engine(DATABASE_URL)) as session:
        yield session


class Orders:
    def __init__(self, session: Annotated[AsyncSession, Depends(get_session)]) -> None:
        self.name = session.info.get("name", "real")


@router.get("/")
async def which(orders: Annotated[Orders, Depends()]) -> str:
    return str(orders.name)


async def fake_session() -> AsyncSession:
    return AsyncSession(info={"name": "fake"})


async def answer(app: FastAPI, path: str) -> str:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        return str((await client.get(path)).json())


async def claim_sub_dependency(engine: AsyncEngine) -> None:
    """An override also replaces what a dependency asks for through `Depends`, and it reaches the endpoints of an
    included router."""
    app = FastAPI()
    app.include_router(router)
    assert await answer(app, "/") == "real"
    app.dependency_overrides[get_session] = fake_session
    assert await answer(app, "/") == "fake"


async def claim_mounted(engine: AsyncEngine) -> None:
    """It does not reach a mounted application: that one has `dependency_overrides` of its own."""
    app, mounted = FastAPI(), FastAPI()
    mounted.include_router(router)
    app.mount("/mounted", mounted)
    app.dependency_overrides[get_session] = fake_session
    assert await answer(app, "/mounted/") == "real"
    mounted.dependency_overrides[get_session] = fake_session
    assert await answer(app, "/mounted/") == "fake"


async def reason_against(claim: Callable[[AsyncEngine], Awaitable[None]]) -> str:
    """Why a claim does not hold here, or nothing."""
    engine = create_async_engine(DATABASE_URL)
    try:
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


if __name__ == "__main__":
    asyncio.run(main())
