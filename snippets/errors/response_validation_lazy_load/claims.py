# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]", "pydantic", "fastapi",
#     "httpx",
# ]
# ///
import asyncio
import os
import traceback
import warnings
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
from fastapi import FastAPI
from fastapi.exceptions import ResponseValidationError
from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy import ForeignKey, event, select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship, selectinload
from sqlalchemy.pool import NullPool

warnings.filterwarnings("ignore", "coroutine .* was never awaited|.* was deleted while still open")

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Author(Base):
    __tablename__ = "authors"

    id: Mapped[int] = mapped_column(primary_key=True)
    books: Mapped[list["Book"]] = relationship(back_populates="author")

    @property
    def book_count(self) -> int:
        return len(self.books)


class Book(Base):
    __tablename__ = "books"

    id: Mapped[int] = mapped_column(primary_key=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("authors.id"))
    author: Mapped[Author] = relationship(back_populates="books")


class BookOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int


class AuthorOut(BookOut):
    books: list[BookOut]


class AuthorWithCount(BookOut):
    book_count: int


class BookWithAuthor(BookOut):
    author: BookOut


WITH_BOOKS = selectinload(Author.books)


async def add_authors(engine: AsyncEngine, count: int) -> None:
    async with AsyncSession(engine) as session:
        session.add_all([Author(id=number, books=[Book()]) for number in range(1, count + 1)])
        await session.commit()


def text_of(schema: type[BaseModel], subject: object) -> str:
    """What pydantic says of the attribute that it cannot read."""
    try:
        schema.model_validate(subject)
    except ValidationError as error:
        return error.errors()[0]["msg"]
    return ""


async def claim_already_loaded(engine: AsyncEngine) -> None:
    """`get_one()` ignores `options` for an object that the session has already read; with `populate_existing=True` it follows them. Here `select()` with the same option loads the relationship."""
    await add_authors(engine, 1)
    async with AsyncSession(engine) as session:
        author = await session.get_one(Author, 1)
        await session.get_one(Author, 1, options=[WITH_BOOKS])
        assert "MissingGreenlet" in text_of(AuthorOut, author)
        await session.get_one(Author, 1, options=[WITH_BOOKS], populate_existing=True)
        assert text_of(AuthorOut, author) == ""
    async with AsyncSession(engine) as session:
        author = await session.get_one(Author, 1)
        assert "MissingGreenlet" in text_of(AuthorOut, author)
        await session.scalars(select(Author).where(Author.id == 1).options(WITH_BOOKS))
        assert text_of(AuthorOut, author) == ""


async def claim_statements(engine: AsyncEngine) -> None:
    """`selectinload(Author.books)` reads the books of 500 authors with one SELECT: 501 authors take three statements in all."""
    await add_authors(engine, 501)
    statements: list[str] = []

    @event.listens_for(engine.sync_engine, "before_cursor_execute")
    def note(conn: Any, cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    async with AsyncSession(engine) as session:
        await session.scalars(select(Author).options(WITH_BOOKS))
    assert len(statements) == 3


async def claim_text(engine: AsyncEngine) -> None:
    """With the default pool and an open transaction, the text quotes the `SELECT` that was to be sent, after `StatementError: (sqlalchemy.exc.MissingGreenlet)`."""
    await add_authors(engine, 1)
    async with AsyncSession(engine) as session:
        said = text_of(AuthorOut, await session.get_one(Author, 1))
        assert "StatementError: (sqlalchemy.exc.MissingGreenlet)" in said, "it is a bare `MissingGreenlet`"
        assert "FROM books" in said


async def claim_text_without_pool(engine: AsyncEngine) -> None:
    """After a commit, with `NullPool` or with `pool_pre_ping=True`, it is a bare `MissingGreenlet`, and quotes no SQL."""
    await add_authors(engine, 1)
    for options in ({"poolclass": NullPool}, {"pool_pre_ping": True}):
        own = create_async_engine(DATABASE_URL, **options)
        async with AsyncSession(own, expire_on_commit=False) as session:
            author = await session.get_one(Author, 1)
            await session.commit()
            said = text_of(AuthorOut, author)
        await own.dispose()
        assert said.startswith("Error extracting attribute: MissingGreenlet: greenlet_spawn has not been called")
        assert "SELECT" not in said


async def claim_property(engine: AsyncEngine) -> None:
    """If the response model has a property that reads the relationship, `loc` names the property, and not the relationship."""
    await add_authors(engine, 1)
    async with AsyncSession(engine) as session:
        author = await session.get_one(Author, 1)
        try:
            AuthorWithCount.model_validate(author)
        except ValidationError as raised:
            error = raised.errors()[0]
        assert error["loc"] == ("book_count",)
        assert "MissingGreenlet" in error["msg"]


async def claim_exclude(engine: AsyncEngine) -> None:
    """`response_model_exclude={"books"}` does not help: FastAPI leaves the field out after it has read the attribute."""
    await add_authors(engine, 1)
    app = FastAPI()
    async with AsyncSession(engine) as session:

        @app.get("/", response_model=AuthorOut, response_model_exclude={"books"})
        async def read_author() -> Author:
            return await session.get_one(Author, 1)

        error = None
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://app") as client:
            try:
                await client.get("/")
            except ResponseValidationError as raised:
                error = raised
        assert "MissingGreenlet" in str(error)


async def claim_target_is_there(engine: AsyncEngine) -> None:
    """If the session has just read the author, `book.author` needs no option: it is read without SQL. A test that reads both hides the mistake."""
    await add_authors(engine, 1)
    async with AsyncSession(engine) as session:
        book = await session.get_one(Book, 1)
        assert "MissingGreenlet" in text_of(BookWithAuthor, book)
        author = await session.get_one(Author, 1)
        assert text_of(BookWithAuthor, book) == ""
        assert author.id == 1


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
