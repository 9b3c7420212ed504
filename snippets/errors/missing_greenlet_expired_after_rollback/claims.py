# /// script
# requires-python = ">=3.11"
# dependencies = ["fastapi>=0.115", "httpx", "sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# also: fastapi==0.121.*
import asyncio
import os
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Annotated

import httpx
from fastapi import Depends, FastAPI, Request
from fastapi.responses import PlainTextResponse
from sqlalchemy import inspect
from sqlalchemy.exc import IntegrityError, InvalidRequestError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.orm.exc import DetachedInstanceError

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)


async def store(engine: AsyncEngine) -> None:
    async with AsyncSession(engine) as session, session.begin():
        session.add_all([User(id=1, email="ada@x.org"), User(id=2, email="bob@x.org")])


async def claim_all_objects(engine: AsyncEngine) -> None:
    """`session.rollback()` of a transaction also expires objects that you have only read, and objects that were loaded before an earlier commit."""
    await store(engine)
    async with AsyncSession(engine, expire_on_commit=False) as session:
        ada = await session.get_one(User, 1)
        await session.commit()
        bob = await session.get_one(User, 2)
        await session.rollback()
        assert "email" in inspect(ada).expired_attributes
        assert "email" in inspect(bob).expired_attributes


async def claim_new_object(engine: AsyncEngine) -> None:
    """An object whose INSERT failed keeps the values that you gave it, and the rollback takes it out of the session: `refresh()` raises InvalidRequestError."""
    await store(engine)
    async with AsyncSession(engine, expire_on_commit=False) as session:
        user = User(id=3, email="bob@x.org")
        session.add(user)
        failed = error = None
        try:
            await session.flush()
        except IntegrityError as raised:
            failed = raised
        await session.rollback()
        try:
            await session.refresh(user)
        except InvalidRequestError as raised:
            error = raised
        assert failed is not None and user.email == "bob@x.org"
        assert "is not persistent within this Session" in str(error)


async def claim_dependency(engine: AsyncEngine) -> None:
    """If a dependency has rolled back and closed the session, an exception handler that reads an attribute of a loaded object gets DetachedInstanceError."""
    await store(engine)
    app = FastAPI()
    users: list[User] = []

    async def get_session() -> AsyncIterator[AsyncSession]:
        async with AsyncSession(engine, expire_on_commit=False) as session, session.begin():
            yield session

    @app.get("/")
    async def read(session: Annotated[AsyncSession, Depends(get_session)]) -> None:
        users.append(await session.get_one(User, 1))
        raise LookupError

    @app.exception_handler(LookupError)
    async def handle(_request: Request, _error: Exception) -> PlainTextResponse:
        try:
            return PlainTextResponse(users[0].email)
        except DetachedInstanceError as error:
            return PlainTextResponse(type(error).__name__)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://app") as client:
        assert (await client.get("/")).text == "DetachedInstanceError"


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
