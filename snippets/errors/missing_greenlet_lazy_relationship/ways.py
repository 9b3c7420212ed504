# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os

from sqlalchemy import ForeignKey
from sqlalchemy.ext.asyncio import AsyncAttrs, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(AsyncAttrs, DeclarativeBase):
    pass


class Author(Base):
    __tablename__ = "authors"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    books: Mapped[list["Book"]] = relationship()


class Book(Base):
    __tablename__ = "books"

    id: Mapped[int] = mapped_column(primary_key=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("authors.id"))
    title: Mapped[str]


# --8<-- [start:ways]
async def awaitable(session: AsyncSession) -> list[Book]:
    author = await session.get_one(Author, 1)
    return await author.awaitable_attrs.books  # type: ignore[no-any-return]


async def refreshed(session: AsyncSession) -> list[Book]:
    author = await session.get_one(Author, 1)
    await session.refresh(author, ["books"])
    return author.books


async def in_run_sync(session: AsyncSession) -> list[Book]:
    def read(session: Session) -> list[Book]:
        return session.get_one(Author, 1).books

    return await session.run_sync(read)


# --8<-- [end:ways]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine, expire_on_commit=False)
        async with session_factory.begin() as session:
            session.add(Author(id=1, name="Ursula", books=[Book(id=1, title="The Dispossessed")]))
        for way in (awaitable, refreshed, in_run_sync):
            async with session_factory() as session:
                print([book.title for book in await way(session)])
                #> ['The Dispossessed']
                #> ['The Dispossessed']
                #> ['The Dispossessed']
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
