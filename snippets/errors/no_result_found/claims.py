# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi", "httpx",
# ]
# ///
import asyncio
import os
import traceback
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
from fastapi import FastAPI
from fastapi.responses import JSONResponse
from sqlalchemy import ForeignKey, select
from sqlalchemy.exc import MultipleResultsFound, NoResultFound
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    orders: Mapped[list["Order"]] = relationship()


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))


async def add_ada(session: AsyncSession) -> None:
    session.add(User(id=1, name="Ada", orders=[Order(), Order()]))
    await session.commit()


def error_of(method: Callable[[], Any]) -> str:
    try:
        method()
    except (NoResultFound, MultipleResultsFound) as error:
        return type(error).__name__
    return ""


async def claim_join(engine: AsyncEngine) -> None:
    """A join returns the one user once for each order: `one()` and `one_or_none()` find multiple rows. `unique()` before them helps."""
    async with AsyncSession(engine) as session:
        await add_ada(session)
        users = select(User).join(User.orders).where(User.name == "Ada")
        assert error_of((await session.scalars(users)).one) == "MultipleResultsFound"
        assert error_of((await session.scalars(users)).one_or_none) == "MultipleResultsFound"
        assert (await session.scalars(users)).unique().one().name == "Ada"


async def claim_scalar_one(engine: AsyncEngine) -> None:
    """`scalar_one()` and `scalar_one_or_none()` of `execute()` answer as `one()` and `one_or_none()` of `scalars()` do."""
    async with AsyncSession(engine) as session:
        await add_ada(session)
        nobody, orders = select(User).where(User.id == 2), select(Order)
        assert error_of((await session.execute(nobody)).scalar_one) == "NoResultFound"
        assert (await session.execute(nobody)).scalar_one_or_none() is None
        assert error_of((await session.execute(orders)).scalar_one) == "MultipleResultsFound"
        assert error_of((await session.execute(orders)).scalar_one_or_none) == "MultipleResultsFound"


async def claim_scalar(engine: AsyncEngine) -> None:
    """`scalar()` raises neither of the two: it gives `None` for no row, and the first value of several rows."""
    async with AsyncSession(engine) as session:
        await add_ada(session)
        assert await session.scalar(select(User.name).where(User.id == 2)) is None
        assert await session.scalar(select(Order.id).order_by(Order.id)) == 1


async def claim_one_handler(engine: AsyncEngine) -> None:
    """With an exception handler for `NoResultFound` that answers 404, an endpoint that awaits `get_one()` itself, before its response begins, answers 404 if there is no row."""
    app = FastAPI()

    @app.exception_handler(NoResultFound)
    async def not_found(*_: Any) -> JSONResponse:
        return JSONResponse({"detail": "Not found"}, 404)

    @app.get("/users/{user_id}")
    async def read_user(user_id: int) -> str:
        async with AsyncSession(engine) as session:
            return (await session.get_one(User, user_id)).name

    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://app") as client:
        assert (await client.get("/users/2")).status_code == 404


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
