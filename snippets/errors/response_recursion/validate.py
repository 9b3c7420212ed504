# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]", "pydantic"]
# ///
import asyncio
import os

from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy import ForeignKey
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
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
    author: Mapped["Author"] = relationship(back_populates="books")


class BookOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    title: str
    author: "AuthorOut"


class AuthorOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    name: str
    books: list[BookOut]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        async with async_sessionmaker(engine).begin() as session:
            # --8<-- [start:validate]
            author = Author(name="Ursula", books=[Book(title="The Dispossessed")])
            session.add(author)
            await session.flush()
            try:
                AuthorOut.model_validate(author)
            except ValidationError as error:
                print(str(error).partition(", input_value")[0])
                """
                1 validation error for AuthorOut
                books.0.author
                  Recursion error - cyclic reference detected [type=recursion_loop
                """
            # --8<-- [end:validate]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
