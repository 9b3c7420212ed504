# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]", "litestar>=2.23", "httpx",
# ]
# ///
import asyncio
import os
from collections.abc import AsyncGenerator
from typing import Any

import httpx
from litestar import Litestar, get
from litestar.di import NamedDependency, Provide
from litestar.types import Scope
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class Shop(Base):
    __tablename__ = "shops"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


engine = create_async_engine(DATABASE_URL)
session_factory = async_sessionmaker(engine, expire_on_commit=False, close_resets_only=False)


async def provide_session() -> AsyncGenerator[AsyncSession, None]:
    async with session_factory() as session:
        yield session
        await session.commit()


# --8<-- [start:dependencies]
async def provide_user(session: NamedDependency[AsyncSession]) -> User:
    return await session.get_one(User, 1)


async def provide_shop(session: NamedDependency[AsyncSession], user: NamedDependency[User]) -> Shop:
    return await session.get_one(Shop, 1)


# --8<-- [end:dependencies]


# --8<-- [start:handler]
@get("/")
async def home(user: NamedDependency[User], shop: NamedDependency[Shop]) -> str:
    return f"{user.name} at {shop.name}"


# --8<-- [end:handler]


async def print_error(error: Exception, scope: Scope) -> None:
    print(f"{type(error).__name__}: {str(error).partition(';')[0]}")


app = Litestar(
    [home],
    dependencies={
        "session": Provide(provide_session),
        "user": Provide(provide_user),
        "shop": Provide(provide_shop),
    },
    after_exception=[print_error],
    logging_config=None,
)


def client_of(app: Any) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test")


async def main() -> None:
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        async with session_factory.begin() as session:
            session.add_all([User(id=1, name="Ada"), Shop(id=1, name="Tea House")])
        await engine.dispose()  # As after a start: the pool has no open connection.
        # --8<-- [start:client]
        async with client_of(app) as client:
            response = await client.get("/")
            print(response.status_code, response.text)
            #> 200 Ada at Tea House
        # --8<-- [end:client]
        response.raise_for_status()
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
