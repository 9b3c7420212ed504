# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "fastapi>=0.121"]
# ///
# also: fastapi==0.121.*, fastapi==0.137.*
# drivers: aiosqlite (no database is involved)
import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI
from sqlalchemy.ext.asyncio import AsyncSession


async def get_session() -> AsyncIterator[AsyncSession]:
    async with AsyncSession() as session:
        yield session


# --8<-- [start:dependencies]
async def wrong_scope(
    session: Annotated[AsyncSession, Depends(get_session, scope="function")],
) -> AsyncIterator[str]:
    yield "Ada"


async def no_depends(session: AsyncSession) -> str:
    return "Ada"


async def called(session: Any = Depends(get_session())) -> str:  # type: ignore[arg-type]  # noqa: B008
    return "Ada"


# --8<-- [end:dependencies]


async def endpoint() -> str:
    return "Hello"


# --8<-- [start:places]
def on_the_endpoint(dependency: Any) -> FastAPI:
    app = FastAPI()
    app.get("/", dependencies=[dependency])(endpoint)
    return app


def on_the_router(dependency: Any) -> FastAPI:
    router = APIRouter(dependencies=[dependency])
    router.get("/")(endpoint)
    app = FastAPI()
    app.include_router(router)
    return app


def on_include_router(dependency: Any) -> FastAPI:
    router = APIRouter()
    router.get("/", include_in_schema=False)(endpoint)
    app = FastAPI()
    app.include_router(router, dependencies=[dependency])
    return app


def on_the_application(dependency: Any) -> FastAPI:
    router = APIRouter()
    router.get("/")(endpoint)
    app = FastAPI(dependencies=[dependency])
    app.include_router(router)
    return app


def on_a_mounted_one(dependency: Any) -> FastAPI:
    app = FastAPI()
    app.mount("/admin", on_include_router(dependency))
    return app


# --8<-- [end:places]


async def when_found(build: Callable[[Any], FastAPI], dependency: Any) -> str:
    try:
        app = build(Depends(dependency))
    except Exception:
        return "at import"
    async with app.router.lifespan_context(app):
        pass
    try:
        app.openapi()
    except Exception:
        return "by `openapi()`"
    return "not found"


PLACES: dict[str, Callable[[Any], FastAPI]] = {
    "`@app.get(…)`": on_the_endpoint,
    "`APIRouter(…)`": on_the_router,
    "`include_router(…)`": on_include_router,
    "the same, in a mounted application": on_a_mounted_one,
    "`FastAPI(…)`, endpoint in a router": on_the_application,
}
FAULTS: dict[str, Any] = {
    "this error": wrong_scope,
    "`Depends` forgotten": no_depends,
    "`Depends(get_session())`": called,
}


async def main() -> None:
    # --8<-- [start:table]
    print("`dependencies=[…]` of |", " | ".join(FAULTS))
    #> `dependencies=[…]` of | this error | `Depends` forgotten | `Depends(get_session())`
    for place, build in PLACES.items():
        cells = [await when_found(build, fault) for fault in FAULTS.values()]
        print(place, "|", " | ".join(cells))
        #> `@app.get(…)` | at import | at import | at import
        #> `APIRouter(…)` | at import | at import | at import
        #> `include_router(…)` | by `openapi()` | by `openapi()` | by `openapi()`
        #> the same, in a mounted application | not found | not found | not found
        #> `FastAPI(…)`, endpoint in a router | by `openapi()` | by `openapi()` | by `openapi()`
    # --8<-- [end:table]


if __name__ == "__main__":
    asyncio.run(main())
