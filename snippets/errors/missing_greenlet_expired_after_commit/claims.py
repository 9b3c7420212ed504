# /// script
# requires-python = ">=3.11"
# dependencies = ["fastapi>=0.115", "httpx", "sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# also: fastapi==0.121.*
import asyncio
import os
import traceback
import warnings
from collections.abc import Awaitable, Callable

import httpx
from fastapi import FastAPI
from pydantic import BaseModel
from sqlalchemy import ForeignKey, func, inspect, select
from sqlalchemy.exc import MissingGreenlet, StatementError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")
warnings.filterwarnings("ignore", "coroutine .* was never awaited")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    notes: Mapped[str | None] = mapped_column(deferred=True)
    orders: Mapped[list["Order"]] = relationship()


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))


class UserOut(BaseModel):
    id: int
    name: str


async def claim_second_row(engine: AsyncEngine) -> None:
    """The client gets a 500 for a row that is stored. If it tries again, and no constraint refuses the second row, there are two."""
    app = FastAPI()

    @app.post("/users", response_model=UserOut)
    async def create_user(name: str) -> User:
        async with AsyncSession(engine) as session:
            user = User(name=name)
            session.add(user)
            await session.commit()
            return user

    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://app") as client:
        codes = [(await client.post("/users?name=Ada")).status_code for _ in range(2)]
    async with AsyncSession(engine) as session:
        assert codes == [500, 500]
        assert await session.scalar(select(func.count(User.id))) == 2


async def claim_refresh(engine: AsyncEngine) -> None:
    """After `await session.refresh(user)` you can read its columns, also when the session is closed. A deferred column is not loaded, and neither are the orders that you gave a new user."""
    async with AsyncSession(engine) as session:
        user = User(name="Ada", orders=[Order()])
        session.add(user)
        await session.commit()
        await session.refresh(user)
        assert user.name == "Ada"
        assert inspect(user).unloaded == {"notes", "orders"}
    assert user.name == "Ada"


async def claim_begin_block(engine: AsyncEngine) -> None:
    """There may be no `commit()` to find: the end of an `async with session.begin()` block commits, and expires the object, too."""
    async with AsyncSession(engine) as session:
        async with session.begin():
            user = User(name="Ada")
            session.add(user)
        error = None
        try:
            _ = user.name
        except (MissingGreenlet, StatementError) as raised:
            error = raised
        assert "greenlet_spawn has not been called" in str(error)


async def reason_against(claim: Callable[[AsyncEngine], Awaitable[None]]) -> str:
    """Why a claim does not hold here, or nothing."""
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
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
    engine = create_async_engine(DATABASE_URL)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)  # Out of the way of a file that has some of these tables.
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
