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
from fastapi import APIRouter, Depends, FastAPI
from fastapi.exceptions import FastAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    password_hash: Mapped[str]


def without_depends(session: AsyncSession) -> None: ...


async def claim_at_the_decorator(engine: AsyncEngine) -> None:
    """The decorator raises it, on an `APIRouter` too, and also when a dependency of the endpoint lacks the `Depends`."""
    router = APIRouter()
    said = []
    try:
        router.get("/")(without_depends)
    except FastAPIError as error:
        said.append(str(error))
    try:
        router.get("/", dependencies=[Depends(without_depends)])(lambda: None)
    except FastAPIError as error:
        said.append(str(error))
    assert len(said) == 2
    assert all("Invalid args for response field!" in text for text in said)


async def claim_union(engine: AsyncEngine) -> None:
    """A union with one of your models as the return annotation, `User | None`, raises it too."""

    async def me() -> User | None: ...

    error = None
    try:
        FastAPI().get("/")(me)
    except FastAPIError as raised:
        error = raised
    assert "Invalid args for response field!" in str(error)


async def claim_response_model_none(engine: AsyncEngine) -> None:
    """With `response_model=None` the application starts, and here the response holds both columns, `password_hash` too."""
    async with AsyncSession(engine) as session, session.begin():
        session.add(User(id=1, password_hash="s3cret"))
    app = FastAPI()

    async def get_session() -> AsyncIterator[AsyncSession]:
        async with AsyncSession(engine) as session:
            yield session

    @app.get("/me", response_model=None)
    async def me(session: Annotated[AsyncSession, Depends(get_session)]) -> User:
        return await session.get_one(User, 1)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://app") as client:
        assert (await client.get("/me")).json() == {"id": 1, "password_hash": "s3cret"}


async def claim_names_the_class(engine: AsyncEngine) -> None:
    """The message names the class of the parameter, here `AsyncSession`."""
    error = None
    try:
        FastAPI().get("/")(without_depends)
    except FastAPIError as raised:
        error = raised
    assert "AsyncSession'> is a valid Pydantic field type" in str(error), "the text has a literal {type_} there"


async def claim_included_router(engine: AsyncEngine) -> None:
    """If a dependency of `include_router()` lacks the `Depends`, the application starts, and `app.openapi()` raises the error."""
    router, app = APIRouter(), FastAPI()
    router.get("/")(lambda: None)
    early = late = None
    try:
        app.include_router(router, dependencies=[Depends(without_depends)])
    except FastAPIError as raised:
        early = raised
    try:
        app.openapi()
    except FastAPIError as raised:
        late = raised
    assert early is None, "include_router() raises it"
    assert "Invalid args for response field!" in str(late)


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
