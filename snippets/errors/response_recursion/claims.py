# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi", "httpx",
# ]
# ///
# also: fastapi==0.121.*
import asyncio
import os
import traceback
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
from fastapi import FastAPI
from fastapi.exceptions import ResponseValidationError
from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy import ForeignKey
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Author(Base):
    __tablename__ = "authors"

    id: Mapped[int] = mapped_column(primary_key=True)
    books: Mapped[list["Book"]] = relationship(back_populates="author")


class Book(Base):
    __tablename__ = "books"

    id: Mapped[int] = mapped_column(primary_key=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("authors.id"))
    author: Mapped[Author] = relationship(back_populates="books")


class Category(Base):
    __tablename__ = "categories"

    id: Mapped[int] = mapped_column(primary_key=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("categories.id"))
    parent: Mapped["Category | None"] = relationship(back_populates="children", remote_side=id)
    children: Mapped[list["Category"]] = relationship(back_populates="parent")


class FromObjects(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class AuthorOut(FromObjects):
    id: int
    books: list["BookOut"]


class BookOut(FromObjects):
    id: int
    author: AuthorOut


class Downwards(FromObjects):
    id: int
    children: list["Downwards"]


class BothWays(FromObjects):
    id: int
    parent: "BothWays | None"
    children: list["BothWays"]


async def claim_without_books(engine: AsyncEngine) -> None:
    """An author without books passes: a test needs one that has books."""
    async with AsyncSession(engine) as session:
        session.add_all([lonely := Author(id=1, books=[]), Author(id=2, books=[Book(id=1)])])
        await session.flush()
        assert AuthorOut.model_validate(lonely).books == []
        error = None
        try:
            AuthorOut.model_validate(await session.get_one(Author, 2))
        except ValidationError as raised:
            error = raised
        assert "recursion_loop" in str(error)


async def claim_self_reference(engine: AsyncEngine) -> None:
    """A category with `parent` and `children` is the same circle with one class. A schema with `children` alone is no circle."""
    top = Category(id=1, parent=None, children=[Category(id=2, children=[])])
    error = None
    try:
        BothWays.model_validate(top)
    except ValidationError as raised:
        error = raised
    assert "recursion_loop" in str(error)
    assert Downwards.model_validate(top).children[0].id == 2


async def claim_endpoint_named(engine: AsyncEngine) -> None:
    """A `ResponseValidationError` ends with the file, the line and the name of the endpoint's function."""
    app = FastAPI()

    @app.get("/authors/{author_id}", response_model=AuthorOut)
    async def read_author(author_id: int) -> Any:
        async with AsyncSession(engine) as session:
            session.add(author := Author(id=author_id, books=[Book(id=1)]))
            await session.flush()
            return author

    error = None
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://app") as client:
        try:
            await client.get("/authors/1")
        except ResponseValidationError as raised:
            error = raised
    assert "in read_author" in str(error), "the text does not name it"


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
