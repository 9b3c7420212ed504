# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]", "pydantic"]
# ///
import asyncio
import os
import warnings

from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy import ForeignKey
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
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


class BookOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    title: str


class AuthorOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    name: str
    books: list[BookOut]


# --8<-- [start:validate]
async def show(session: AsyncSession) -> None:
    author = await session.get_one(Author, 1)
    try:
        print(AuthorOut.model_validate(author))
    except ValidationError as error:
        [report] = error.errors()
        print(report["type"], report["loc"], report["msg"][:26])
        #> get_attribute_error ('books',) Error extracting attribute


# --8<-- [end:validate]


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
        async with session_factory() as session:
            await show(session)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
