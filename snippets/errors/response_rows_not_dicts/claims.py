# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi", "httpx",
# ]
# ///
# also: sqlalchemy==2.0.*, fastapi==0.121.*
import asyncio
import json
import os
import traceback
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
from fastapi import FastAPI
from fastapi.exceptions import ResponseValidationError
from pydantic import BaseModel
from sqlalchemy import literal, select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
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


async def ask(engine: AsyncEngine, model: Any, statement: Any, read: Callable[[Any], Any]) -> str:
    """What FastAPI says of the response, or the response."""
    app = FastAPI()

    @app.get("/users", response_model=model)
    async def list_users() -> Any:
        async with AsyncSession(engine) as session:
            session.add(User(id=1, name="Ada"))
            await session.flush()
            return read(await session.execute(statement))

    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://app") as client:
        try:
            return (await client.get("/users")).text
        except (ValueError, ResponseValidationError) as error:
            return f"{type(error).__name__}: {error}"


async def claim_where_named(engine: AsyncEngine) -> None:
    """A `ResponseValidationError` ends with the file, the line and the function of the endpoint. The `ValueError` names neither."""
    said = await ask(engine, list[UserOut], select(User), lambda result: result.all())
    assert said.startswith("ResponseValidationError")
    assert "in list_users" in said, "the text does not name it"
    said = await ask(engine, None, select(User.name), lambda result: result.all())
    assert said.startswith("ValueError")
    assert "list_users" not in said


async def claim_two_letters(engine: AsyncEngine) -> None:
    """A row whose only column is a text of two letters, such as a country code, becomes an object without an error: `DE` is sent as `{"D":"E"}`."""
    said = await ask(engine, None, select(literal("DE")), lambda result: result.all())
    assert said == '[{"D":"E"}]'


async def claim_mappings_of_an_entity(engine: AsyncEngine) -> None:
    """`mappings()` of `select(User)` puts the object below its name: `[{"User": {…}}]`. For objects take `scalars()`."""
    said = await ask(engine, None, select(User), lambda result: result.mappings().all())
    assert json.loads(said) == [{"User": {"id": 1, "name": "Ada"}}]
    said = await ask(engine, None, select(User), lambda result: result.scalars().all())
    assert json.loads(said) == [{"id": 1, "name": "Ada"}]


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
