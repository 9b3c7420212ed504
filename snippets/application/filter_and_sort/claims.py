# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi>=0.121", "httpx",
# ]
# ///
import asyncio
import os
import traceback
from collections.abc import Awaitable, Callable, Sequence
from string import ascii_lowercase, digits
from typing import Annotated, Any

import httpx
from fastapi import FastAPI, Query
from pydantic import BaseModel
from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Integer,
    any_,
    delete,
    literal,
    literal_column,
    select,
    text,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "filtered_users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    reset_token: Mapped[str | None]


class ApiKey(Base):
    __tablename__ = "filtered_api_keys"

    id: Mapped[int] = mapped_column(primary_key=True)
    secret: Mapped[str]


async def store_users(engine: AsyncEngine) -> None:
    async with AsyncSession(engine) as session, session.begin():
        session.add_all([
            User(id=1, name="Ada", reset_token=None),
            User(id=2, name="Émile", reset_token="4711"),
            User(id=3, name="Grace", reset_token="0815"),
        ])


async def found(engine: AsyncEngine, condition: ColumnElement[bool]) -> Sequence[int]:
    async with engine.connect() as connection:
        return (await connection.scalars(select(User.id).where(condition).order_by(User.id))).all()


async def claim_forbid(engine: AsyncEngine) -> None:
    """With `"extra": "forbid"`, a parameter that stands beside the model in the endpoint, such as `limit: int = 20`, is 422 when a client sends it."""
    app = FastAPI()

    class UserFilter(BaseModel):
        model_config = {"extra": "forbid"}

        name: str | None = None

    @app.get("/users")
    async def list_users(filters: Annotated[UserFilter, Query()], limit: int = 20) -> int:
        return limit

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        assert (await client.get("/users?name=Ada")).json() == 20
        assert (await client.get("/users?name=Ada&limit=5")).status_code == 422


async def claim_literal_column(engine: AsyncEngine) -> None:
    """`order_by(literal_column(sort))` lets the same text through."""
    await store_users(engine)
    question = "(SELECT substr(secret, 1, 1) FROM filtered_api_keys) = 's'"
    sort = f"CASE WHEN {question} THEN id ELSE -id END"
    async with AsyncSession(engine) as session:
        session.add(ApiKey(id=1, secret="s3cr3t"))
        await session.flush()
        assert (await session.scalars(select(User.id).order_by(literal_column(sort)))).all() == [1, 2, 3]
        await session.execute(delete(ApiKey))
        assert (await session.scalars(select(User.id).order_by(literal_column(sort)))).all() == [3, 2, 1]


async def claim_letter_by_letter(engine: AsyncEngine) -> None:
    """With `order_by(text(sort))`, a loop over letters and digits reads the whole `secret` of a key from the order of two users."""
    await store_users(engine)
    async with AsyncSession(engine) as session, session.begin():
        session.add(ApiKey(id=1, secret="s3cr3t"))
    secret = ""
    async with engine.connect() as connection:
        while len(secret) < 6:
            for letter in ascii_lowercase + digits:
                question = f"(SELECT substr(secret, {len(secret) + 1}, 1) FROM filtered_api_keys) = '{letter}'"
                sort = f"CASE WHEN {question} THEN id ELSE -id END"
                ids = (await connection.scalars(select(User.id).order_by(text(sort)))).all()
                if ids[0] == 1:
                    secret += letter
                    break
    assert secret == "s3cr3t"


async def claim_equals_none(engine: AsyncEngine) -> None:
    """If `token` is `None`, `where(User.reset_token == token)` finds the users that have no token: SQLAlchemy writes `IS NULL`."""
    await store_users(engine)
    token: str | None = None
    assert await found(engine, User.reset_token == token) == [1]


async def claim_python_is(engine: AsyncEngine) -> None:
    """`where(User.reset_token is None)` finds no user and raises nothing: Python calculates `False` before SQLAlchemy sees it. `is_(None)` finds them."""
    await store_users(engine)
    condition: Any = User.reset_token is None
    assert await found(engine, condition) == []
    assert await found(engine, User.reset_token.is_(None)) == [1]


async def claim_not_equal(engine: AsyncEngine) -> None:
    """`where(User.reset_token != "4711")` leaves out the users whose token is NULL, and `is_distinct_from("4711")` finds them."""
    await store_users(engine)
    assert await found(engine, User.reset_token != "4711") == [3]
    assert await found(engine, User.reset_token.is_distinct_from("4711")) == [1, 3]


async def claim_empty_in(engine: AsyncEngine) -> None:
    """`in_([])` is true for no row, and `not_in([])` for each one. Neither raises an error."""
    await store_users(engine)
    assert await found(engine, User.id.in_([])) == []
    assert await found(engine, User.id.not_in([])) == [1, 2, 3]


async def claim_contains(engine: AsyncEngine) -> None:
    """`contains("ada")` does not find the name Ada, and `icontains("ada")` does."""
    await store_users(engine)
    assert await found(engine, User.name.icontains("ada")) == [1]
    ids = await found(engine, User.name.contains("ada"))
    assert ids == [], "LIKE in SQLite ignores the case of ASCII letters"


async def claim_icontains_accent(engine: AsyncEngine) -> None:
    """`icontains("émile")` finds the name Émile."""
    await store_users(engine)
    ids = await found(engine, User.name.icontains("émile"))
    assert ids == [2], "lower() in SQLite changes ASCII letters only"


async def refused(engine: AsyncEngine, parameters: int) -> str:
    """What the driver says to a statement with so many, or nothing."""
    assert engine.dialect.name == "postgresql", "the limit of SQLite is set when it is compiled"
    try:
        await found(engine, User.id.in_(range(parameters)))
    except DBAPIError as error:
        return str(error.orig)
    return ""


async def claim_in_32768(engine: AsyncEngine) -> None:
    """`in_()` with 32,767 values is accepted, and with 32,768 it raises an error."""
    assert await refused(engine, 32_767) == ""
    assert await refused(engine, 32_768) != "", "the limit of psycopg is 65,535"


async def claim_in_65536(engine: AsyncEngine) -> None:
    """`in_()` with 65,536 values raises an error."""
    assert await refused(engine, 65_536) != ""


async def claim_any(engine: AsyncEngine) -> None:
    """`User.id == any_(literal(ids, ARRAY(Integer)))` accepts 100,000 values: the list is one parameter."""
    await store_users(engine)
    ids = list(range(2, 100_002))
    assert engine.dialect.name == "postgresql", "SQLite has no arrays"
    assert await found(engine, User.id == any_(literal(ids, ARRAY(Integer)))) == [2, 3]


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
