# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import warnings

from sqlalchemy import ForeignKey
from sqlalchemy.exc import MissingGreenlet
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship
from sqlalchemy.pool import NullPool

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


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


# --8<-- [start:read]
async def read_after_commit(engine: AsyncEngine) -> None:
    async with async_sessionmaker(engine, expire_on_commit=False)() as session:
        author = await session.get_one(Author, 1)
        await session.commit()
        try:
            print(author.books)
        except MissingGreenlet as error:
            print(type(error).__name__, "SELECT" in str(error))
            #> MissingGreenlet False
            #> MissingGreenlet False


# --8<-- [end:read]


async def main() -> None:
    warnings.filterwarnings("ignore", "coroutine .* was never awaited|.* was deleted while still open")
    # --8<-- [start:engines]
    for engine in (
        create_async_engine(DATABASE_URL, pool_pre_ping=True),
        create_async_engine(DATABASE_URL, poolclass=NullPool),
    ):
        # --8<-- [end:engines]
        try:
            async with engine.begin() as connection:
                await connection.run_sync(Base.metadata.drop_all)
                await connection.run_sync(Base.metadata.create_all)
            async with async_sessionmaker(engine).begin() as session:
                session.add(Author(id=1, books=[Book()]))
            await read_after_commit(engine)
        finally:
            await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
