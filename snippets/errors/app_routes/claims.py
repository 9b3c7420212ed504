# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "fastapi>=0.137.2"]
# ///
# drivers: aiosqlite (no database is involved)
import asyncio
import os
import traceback
from collections.abc import Awaitable, Callable

from fastapi import APIRouter, FastAPI, WebSocket
from fastapi.routing import APIRoute, iter_route_contexts
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")

router = APIRouter()


@router.post("/users", tags=["users"])
async def users() -> int:
    return 42


@router.websocket("/news")
async def news(_: WebSocket) -> None: ...


app = FastAPI(openapi_url=None)
app.include_router(router, tags=["team"])


async def claim_original_route(_: AsyncEngine) -> None:
    """An entry is no `APIRoute`, but its `original_route` may be one."""
    [entry] = [entry for entry in iter_route_contexts(app.routes) if entry.name == "users"]
    assert not isinstance(entry, APIRoute)
    assert isinstance(entry.original_route, APIRoute)


async def claim_tags(_: AsyncEngine) -> None:
    """Read `tags` from the entry: those of its `original_route` lack what `include_router()` added."""
    [entry] = [entry for entry in iter_route_contexts(app.routes) if entry.name == "users"]
    assert entry.tags == ["team", "users"]
    assert isinstance(entry.original_route, APIRoute) and entry.original_route.tags == ["users"]


async def claim_methods(_: AsyncEngine) -> None:
    """The `methods` of a WebSocket's entry are `None`."""
    [entry] = [entry for entry in iter_route_contexts(app.routes) if entry.name == "news"]
    assert entry.methods is None


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
