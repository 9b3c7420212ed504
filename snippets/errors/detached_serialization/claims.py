# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi>=0.121", "httpx"]
# ///
# also: fastapi==0.121.*
import asyncio
import os
import traceback
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Literal

import httpx
from fastapi import Depends, FastAPI
from fastapi.exceptions import ResponseValidationError
from pydantic import BaseModel, ConfigDict
from sqlalchemy import ForeignKey, select
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship, selectinload
from sqlalchemy.orm.exc import DetachedInstanceError

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")
warnings.filterwarnings("ignore", "coroutine .* was never awaited")


class Base(DeclarativeBase):
    pass


class Author(Base):
    __tablename__ = "authors"

    id: Mapped[int] = mapped_column(primary_key=True)
    books: Mapped[list["Book"]] = relationship()


class Book(Base):
    __tablename__ = "books"

    id: Mapped[int] = mapped_column(primary_key=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("authors.id"))
    author: Mapped[Author] = relationship(lazy="raise", overlaps="books")


class BookOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int


class AuthorOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    books: list[BookOut]


async def add_a_book(engine: AsyncEngine) -> None:
    async with AsyncSession(engine) as session:
        session.add(Author(id=1))
        await session.flush()
        session.add(Book(id=1, author_id=1))
        await session.commit()


async def report(engine: AsyncEngine, scope: Literal["function", "request"]) -> str:
    """What FastAPI reports, if the session comes from a dependency and the relationship was not loaded."""

    async def get_session() -> AsyncIterator[AsyncSession]:
        async with AsyncSession(engine) as session:
            yield session

    app = FastAPI()

    @app.get("/", response_model=AuthorOut)
    async def read(session: AsyncSession = Depends(get_session, scope=scope)) -> Author:  # noqa: B008
        return await session.get_one(Author, 1)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://app") as client:
        try:
            await client.get("/")
        except ResponseValidationError as error:
            return str(error)
    return "nothing"


async def claim_dependency(engine: AsyncEngine) -> None:
    """A session from a `yield` dependency, in either scope, is still open when the response model reads the object: the error is MissingGreenlet, not DetachedInstanceError."""
    await add_a_book(engine)
    for scope in ("function", "request"):
        reported = await report(engine, scope)
        assert "MissingGreenlet" in reported
        assert "DetachedInstanceError" not in reported


async def claim_loaded_and_expired(engine: AsyncEngine) -> None:
    """After a commit and the close, a relationship that `selectinload` had loaded raises `lazy load operation of attribute`. With `expire_on_commit=False` it can be read."""
    await add_a_book(engine)
    query = select(Author).options(selectinload(Author.books))
    error = None
    async with AsyncSession(engine) as session:
        author = (await session.scalars(query)).one()
        await session.commit()
    try:
        _ = author.books
    except DetachedInstanceError as raised:
        error = raised
    assert "lazy load operation of attribute 'books'" in str(error)
    async with AsyncSession(engine, expire_on_commit=False) as session:
        author = (await session.scalars(query)).one()
        await session.commit()
    assert [book.id for book in author.books] == [1]


def error_when_read(book: Book) -> str:
    try:
        _ = book.author
    except InvalidRequestError as error:
        return str(error)
    return ""


async def claim_lazy_raise(engine: AsyncEngine) -> None:
    """With `lazy="raise"`, an unloaded relationship of a stored object raises the same error in an open and in a closed session, even if the other object is in the session."""
    await add_a_book(engine)
    async with AsyncSession(engine) as session:
        book = await session.get_one(Book, 1)
        author = await session.get_one(Author, 1)
        assert author in session
        assert "due to lazy='raise'" in error_when_read(book)
    assert "due to lazy='raise'" in error_when_read(book)


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

