# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import warnings

from sqlalchemy import ForeignKey, select
from sqlalchemy.exc import MissingGreenlet, StatementError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Author(Base):
    __tablename__ = "authors"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    books: Mapped[list["Book"]] = relationship(back_populates="author")


class Book(Base):
    __tablename__ = "books"

    id: Mapped[int] = mapped_column(primary_key=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("authors.id"))
    title: Mapped[str]
    author: Mapped[Author] = relationship(back_populates="books")


# --8<-- [start:luck]
async def name_author(session: AsyncSession) -> str:
    book = (await session.scalars(select(Book))).one()
    try:
        return book.author.name
    except (MissingGreenlet, StatementError):
        return "MissingGreenlet"


async def try_both(session_factory: async_sessionmaker[AsyncSession]) -> None:
    async with session_factory() as session:
        print("alone:", await name_author(session))
        #> alone: MissingGreenlet
    async with session_factory() as session:
        author = await session.get_one(Author, 1)
        print(f"with {author.name} in the session:", await name_author(session))
        #> with Ursula in the session: Ursula
        session.expire(author)
        print("with the author expired:", await name_author(session))
        #> with the author expired: MissingGreenlet


# --8<-- [end:luck]


async def main() -> None:
    warnings.filterwarnings("ignore", "coroutine .* was never awaited")
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine, expire_on_commit=False)
        async with session_factory.begin() as session:
            session.add(Author(id=1, name="Ursula", books=[Book(id=1, title="The Dispossessed")]))
        await try_both(session_factory)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
