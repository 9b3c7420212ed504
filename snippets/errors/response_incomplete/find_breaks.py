# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi"]
# ///
# also: fastapi==0.121.*, fastapi==0.137.*
# raises: AssertionError
# silent: the list is too short, and a test with it finds nothing
import asyncio
import os
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI
from fastapi.routing import APIRoute
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class UserOut(BaseModel):
    name: str


engine = create_async_engine(DATABASE_URL)
session_factory = async_sessionmaker(engine, expire_on_commit=False)
app = FastAPI()


async def get_session() -> AsyncIterator[AsyncSession]:
    async with session_factory() as session:
        yield session


SessionDep = Annotated[AsyncSession, Depends(get_session)]


# --8<-- [start:endpoints]
router = APIRouter(prefix="/users")


@router.get("/me", response_model=None)
async def me(session: SessionDep) -> User:
    return await session.get_one(User, 1)


@router.get("/{user_id}", response_model=UserOut)
async def read_user(user_id: int, session: SessionDep) -> User:
    return await session.get_one(User, user_id)


@app.get("/health")
async def health(session: SessionDep):  # type: ignore[no-untyped-def]
    return await session.get_one(User, 1)


app.include_router(router)
# --8<-- [end:endpoints]


# --8<-- [start:find]
def routes_without_a_model() -> list[str]:
    routes = [route for route in app.routes if isinstance(route, APIRoute)]
    return [route.path for route in routes if route.response_model is None]


# --8<-- [end:find]


async def main() -> None:
    # --8<-- [start:print]
    print(routes_without_a_model())
    #> ['/health']
    assert routes_without_a_model() == ["/health", "/users/me"]
    # --8<-- [end:print]
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
