# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "fastapi"]
# ///
# also: fastapi==0.137.*
# drivers: aiosqlite (no database is involved)
import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI
from fastapi.routing import APIRoute
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

session_factory = async_sessionmaker(create_async_engine("sqlite+aiosqlite://"))


async def get_session() -> AsyncIterator[AsyncSession]:
    async with session_factory() as session:
        yield session


def make_app(**settings: Any) -> FastAPI:
    app, router = FastAPI(**settings), APIRouter()

    @router.post("/users", tags=["users"])
    async def users(session: Annotated[AsyncSession, Depends(get_session)]) -> int:
        return 42

    app.include_router(router)
    return app


def operation_ids(app: FastAPI) -> list[str]:
    paths = app.openapi()["paths"].values()
    return [operation["operationId"] for path in paths for operation in path.values()]


# --8<-- [start:loops]
def tags(app: Any) -> list[str]:
    return [str(tag) for route in app.routes if isinstance(route, APIRoute) for tag in route.tags]


def short_operation_ids(app: Any) -> list[str]:
    for route in app.routes:
        if isinstance(route, APIRoute):
            route.operation_id = route.name
    return operation_ids(app)


def endpoints_that_write(app: Any) -> list[str]:
    return [route.name for route in app.routes if "POST" in getattr(route, "methods", ())]


def names(app: Any) -> list[str]:
    return [route.name for route in app.routes if route.name == "users"]


# --8<-- [end:loops]

LOOPS: dict[str, Callable[[FastAPI], list[str]]] = {
    "tags": tags,
    "short_operation_ids": short_operation_ids,
    "endpoints_that_write": endpoints_that_write,
    "names": names,
}


def outcome(loop: Callable[[FastAPI], list[str]]) -> str:
    try:
        return str(loop(make_app()))
    except AttributeError as error:
        return str(error)


async def main() -> None:
    # --8<-- [start:table]
    print("on an app with one router | gives")
    #> on an app with one router | gives
    for name, loop in LOOPS.items():
        print(f"`{name}` | `{outcome(loop)}`")
        #> `tags` | `[]`
        #> `short_operation_ids` | `['users_users_post']`
        #> `endpoints_that_write` | `[]`
        #> `names` | `'_IncludedRouter' object has no attribute 'name'`
    print("`url_path_for` |", f"`{make_app().url_path_for('users')}`")
    #> `url_path_for` | `/users`
    print("`openapi()` |", f"`{list(make_app().openapi()['paths'])}`")
    #> `openapi()` | `['/users']`
    # --8<-- [end:table]
    # --8<-- [start:ids]
    print(operation_ids(make_app(generate_unique_id_function=lambda route: route.name)))
    #> ['users']
    # --8<-- [end:ids]


if __name__ == "__main__":
    asyncio.run(main())
