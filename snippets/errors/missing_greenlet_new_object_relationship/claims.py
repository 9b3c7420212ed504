# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import traceback
import warnings
from collections.abc import Awaitable, Callable

from sqlalchemy import ForeignKey, inspect, select
from sqlalchemy.exc import MissingGreenlet, StatementError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship, selectinload

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")
warnings.filterwarnings("ignore", "coroutine .* was never awaited")


class Base(DeclarativeBase):
    pass


class Author(Base):
    __tablename__ = "authors"

    id: Mapped[int] = mapped_column(primary_key=True)
    books: Mapped[list["Book"]] = relationship(lazy="selectin", back_populates="author")
    essays: Mapped[list["Essay"]] = relationship()


class Book(Base):
    __tablename__ = "books"

    id: Mapped[int] = mapped_column(primary_key=True)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("authors.id"))
    author: Mapped[Author | None] = relationship(back_populates="books")


class Essay(Base):
    __tablename__ = "essays"

    id: Mapped[int] = mapped_column(primary_key=True)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("authors.id"))


async def claim_refresh_without_names(engine: AsyncEngine) -> None:
    """`refresh(author)` without names loads a relationship with `lazy="selectin"`, and not one with the default."""
    async with AsyncSession(engine) as session:
        author = Author(id=1)
        session.add(author)
        await session.commit()
        await session.refresh(author)
        assert author.books == []
        assert "essays" in inspect(author).unloaded


async def claim_select(engine: AsyncEngine) -> None:
    """A `select()` with `selectinload()` after the commit loads the relationship of the object that you have."""
    async with AsyncSession(engine, expire_on_commit=False) as session:
        author = Author(id=1)
        session.add(author)
        await session.commit()
        await session.scalars(select(Author).options(selectinload(Author.essays)))
        assert author.essays == []


async def claim_set_and_expired(engine: AsyncEngine) -> None:
    """The list that you set needs `expire_on_commit=False`, too: with the default, the commit expires it, and reading it raises."""
    async with AsyncSession(engine) as session:
        author = Author(id=1, essays=[])
        session.add(author)
        await session.commit()
        error = None
        try:
            _ = author.essays
        except (MissingGreenlet, StatementError) as raised:
            error = raised
        assert "greenlet_spawn has not been called" in str(error)


async def claim_merge(engine: AsyncEngine) -> None:
    """Do not set the list of an object that you pass to `merge()`: if the author is stored already, `books=[]` takes all books away."""
    async with AsyncSession(engine) as session:
        session.add(Author(id=1, books=[Book(id=1)]))
        await session.commit()
    async with AsyncSession(engine) as session:
        await session.merge(Author(id=1, books=[]))
        await session.commit()
        book = await session.get_one(Book, 1)
        assert book.author_id is None


async def claim_many_to_one(engine: AsyncEngine) -> None:
    """With `expire_on_commit=False`, a many-to-one of the new object raises nothing if its foreign key is NULL, or if the session holds its target."""
    async with AsyncSession(engine, expire_on_commit=False) as session:
        author = Author(id=1)
        with_author, without = Book(id=1, author_id=1), Book(id=2)
        session.add_all([author, with_author, without])
        await session.commit()
        assert without.author is None
        assert with_author.author is author


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
