# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import traceback
import warnings
from collections.abc import Awaitable, Callable

from sqlalchemy import ForeignKey, create_engine, event, func, select
from sqlalchemy.exc import InvalidRequestError, MissingGreenlet, StatementError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    DynamicMapped,
    Mapped,
    defer,
    joinedload,
    mapped_column,
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
    name: Mapped[str]
    changed: Mapped[int] = mapped_column(default=0, onupdate=func.length("four"))
    books: Mapped[list["Book"]] = relationship(back_populates="author")
    loose: DynamicMapped["Book"] = relationship(viewonly=True)


class Book(Base):
    __tablename__ = "books"

    id: Mapped[int] = mapped_column(primary_key=True)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("authors.id"))
    author: Mapped[Author | None] = relationship(back_populates="books")
    strict: Mapped[Author | None] = relationship(lazy="raise", viewonly=True)


async def store(engine: AsyncEngine) -> None:
    async with AsyncSession(engine) as session, session.begin():
        session.add(Author(id=1, name="Ursula", books=[Book(id=1)]))


def frames(read: Callable[[], object]) -> list[str]:
    """SQLAlchemy's files and functions in the traceback of a read that raises MissingGreenlet."""
    try:
        read()
    except (MissingGreenlet, StatementError) as raised:
        assert "greenlet_spawn has not been called" in str(raised)
        stack = traceback.extract_tb(raised.__traceback__)
        return [name for frame in stack for name in (frame.name, frame.filename[-13:])]
    return []


async def claim_relationship_frames(engine: AsyncEngine) -> None:
    """Reading a collection that was not loaded, of an object that is not expired, puts `_emit_lazyload` into the traceback, and no `_load_expired`."""
    await store(engine)
    async with AsyncSession(engine) as session:
        author = await session.get_one(Author, 1)
        names = frames(lambda: author.books)
        assert "_load_for_state" in names and "_emit_lazyload" in names
        assert "_load_expired" not in names


async def claim_expired_frames(engine: AsyncEngine) -> None:
    """`_load_expired` is in the traceback after a commit that expires (also if you read a collection), after a rollback, and for a value that an UPDATE computed."""
    await store(engine)
    async with AsyncSession(engine) as session:
        author = await session.get_one(Author, 1)
        await session.commit()
        assert "_load_expired" in frames(lambda: author.name)
        assert "_load_expired" in frames(lambda: author.books)
    async with AsyncSession(engine, expire_on_commit=False) as session:
        author = await session.get_one(Author, 1)
        await session.rollback()
        assert "_load_expired" in frames(lambda: author.name)
    async with AsyncSession(engine, expire_on_commit=False) as session:
        author = await session.get_one(Author, 1)
        author.name = "Iain"
        await session.commit()
        assert "_load_expired" in frames(lambda: author.changed)


async def claim_deferred_frames(engine: AsyncEngine) -> None:
    """Reading a deferred column puts `_load_for_state` and `load_scalar_attributes` (2.1: `_load_scalar_attributes`) into the traceback, and neither `_emit_lazyload` nor `_load_expired`."""
    await store(engine)
    async with AsyncSession(engine) as session:
        author = (await session.scalars(select(Author).options(defer(Author.name)))).one()
        names = frames(lambda: author.name)
        assert "_load_for_state" in names
        assert any("load_scalar_attributes" in name for name in names)
        assert "_emit_lazyload" not in names and "_load_expired" not in names


async def claim_dynamic_frames(engine: AsyncEngine) -> None:
    """Reading a dynamic relationship puts `orm/query.py` into the traceback. Reading another relationship or an expired column does not."""
    await store(engine)
    async with AsyncSession(engine) as session:
        author = await session.get_one(Author, 1)
        assert "/orm/query.py" in frames(lambda: list(author.loose))
        assert "/orm/query.py" not in frames(lambda: author.books)
        await session.commit()
        assert "/orm/query.py" not in frames(lambda: author.name)


async def claim_sync_engine_frames(engine: AsyncEngine) -> None:
    """A synchronous engine on the URL of an async driver puts `pool/base.py` into the traceback, and neither `_load_for_state` nor `_load_expired`."""
    synchronous = create_engine(engine.url)
    names = frames(synchronous.connect)
    synchronous.dispose()
    assert "/pool/base.py" in names, "this driver is synchronous, too"
    assert "_load_for_state" not in names and "_load_expired" not in names


async def claim_joinedload(engine: AsyncEngine) -> None:
    """For a many-to-one whose target is not in the session, `joinedload()` sends one statement, `selectinload()` two."""
    await store(engine)
    sent: list[str] = []

    @event.listens_for(engine.sync_engine, "before_cursor_execute")
    def note(_conn: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    for option, count in ((joinedload(Book.author), 1), (selectinload(Book.author), 2)):
        async with AsyncSession(engine) as session:
            sent.clear()
            book = (await session.scalars(select(Book).options(option))).one()
            assert book.author is not None and book.author.name == "Ursula"
            assert len(sent) == count


async def claim_populate_existing(engine: AsyncEngine) -> None:
    """With `autoflush=False`, `get_one(…, populate_existing=True)` overwrites an unsaved change; with autoflush it does not."""
    await store(engine)
    names = []
    for autoflush in (False, True):
        async with AsyncSession(engine, autoflush=autoflush) as session:
            author = await session.get_one(Author, 1)
            author.name = "Iain"
            await session.get_one(Author, 1, populate_existing=True)
            names.append(author.name)
    assert names == ["Ursula", "Iain"]


async def claim_reads_without_a_select(engine: AsyncEngine) -> None:
    """A plain many-to-one of an object that is not expired reads without an error if its foreign key is NULL, or if its target is in the session and not expired either."""
    await store(engine)
    async with AsyncSession(engine) as session, session.begin():
        session.add(Book(id=2, author_id=None))
    async with AsyncSession(engine) as session:
        assert (await session.get_one(Book, 2)).author is None
        author = await session.get_one(Author, 1)
        book = await session.get_one(Book, 1)
        assert book.author is author
        session.expire(book)
        assert "_load_expired" in frames(lambda: book.author)


async def claim_lazy_raise_without_luck(engine: AsyncEngine) -> None:
    """A relationship with `lazy="raise"` raises also when its target is in the session."""
    await store(engine)
    async with AsyncSession(engine) as session:
        author = await session.get_one(Author, 1)
        book = await session.get_one(Book, 1)
        error = None
        try:
            print(book.strict, author)
        except InvalidRequestError as raised:
            error = raised
        assert "lazy='raise'" in str(error)


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
