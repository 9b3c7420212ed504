# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]", "pydantic"]
# ///
import asyncio
import os
import traceback
import warnings
from collections.abc import Awaitable, Callable

from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy import ForeignKey, select
from sqlalchemy.exc import InvalidRequestError, MissingGreenlet, StatementError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    lazyload,
    mapped_column,
    raiseload,
    relationship,
    selectinload,
)

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")
warnings.filterwarnings("ignore", "coroutine .* was never awaited")


class Base(DeclarativeBase):
    pass


class Author(Base):
    __tablename__ = "authors"

    id: Mapped[int] = mapped_column(primary_key=True)
    books: Mapped[list["Book"]] = relationship(lazy="raise", back_populates="author")


class Book(Base):
    __tablename__ = "books"

    id: Mapped[int] = mapped_column(primary_key=True)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("authors.id"))
    author: Mapped[Author | None] = relationship(back_populates="books")


class BookOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int


class AuthorOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    books: list[BookOut]


async def store(engine: AsyncEngine) -> None:
    async with AsyncSession(engine) as session, session.begin():
        session.add(Author(id=1, books=[Book(id=1)]))


async def claim_refresh(engine: AsyncEngine) -> None:
    """`refresh(author, ["books"])` loads it, with `lazy="raise"` on the model and with `raiseload()` in the query."""
    await store(engine)
    async with AsyncSession(engine) as session:
        author = await session.get_one(Author, 1)
        await session.refresh(author, ["books"])
        assert len(author.books) == 1
    async with AsyncSession(engine) as session:
        author = (await session.scalars(select(Author).options(raiseload(Author.books)))).one()
        await session.refresh(author, ["books"])
        assert len(author.books) == 1


async def claim_lazyload(engine: AsyncEngine) -> None:
    """With `lazyload()` in the query, reading `author.books` raises MissingGreenlet instead."""
    await store(engine)
    async with AsyncSession(engine) as session:
        author = (await session.scalars(select(Author).options(lazyload(Author.books)))).one()
        error = None
        try:
            print(author.books)
        except (MissingGreenlet, StatementError) as raised:
            error = raised
        assert "greenlet_spawn has not been called" in str(error)


async def claim_expired(engine: AsyncEngine) -> None:
    """A relationship that the query had loaded raises after a commit, unless the session has `expire_on_commit=False`."""
    await store(engine)
    query = select(Author).options(selectinload(Author.books))
    async with AsyncSession(engine, expire_on_commit=False) as session:
        author = (await session.scalars(query)).one()
        await session.commit()
        assert len(author.books) == 1
    async with AsyncSession(engine) as session:
        author = (await session.scalars(query)).one()
        await session.commit()
        error = None
        try:
            print(author.books)
        except InvalidRequestError as raised:
            error = raised
        assert "lazy='raise'" in str(error)


async def claim_flush_and_delete(engine: AsyncEngine) -> None:
    """Deleting the parent loads a `lazy="raise"` collection without raising."""
    await store(engine)
    async with AsyncSession(engine) as session:
        author = await session.get_one(Author, 1)
        await session.delete(author)
        await session.commit()
        assert await session.scalar(select(Book.author_id)) is None


async def claim_model_validate(engine: AsyncEngine) -> None:
    """If pydantic reads the attribute, in `model_validate(author)`, the error is a pydantic `ValidationError`, and quotes the text."""
    await store(engine)
    error = None
    async with AsyncSession(engine) as session:
        author = await session.get_one(Author, 1)
        try:
            AuthorOut.model_validate(author)
        except ValidationError as raised:
            error = raised
    assert "InvalidRequestError: 'Author.books' is not available due to lazy='raise'" in str(error)


async def claim_loaded_before(engine: AsyncEngine) -> None:
    """If the session holds the object with its relationship loaded, a query that forgets the option raises nothing."""
    await store(engine)
    async with AsyncSession(engine) as session:
        held = (await session.scalars(select(Author).options(selectinload(Author.books)))).one()
        author = (await session.scalars(select(Author))).one()
        assert author is held and len(author.books) == 1


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
