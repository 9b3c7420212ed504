# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import traceback
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, event, func, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")
KEY = UUID("0197a5c1-7d2b-7c3e-8f00-000000000001")


class Base(DeclarativeBase):
    pass


class Visitor(Base):
    __tablename__ = "uuid_visitors"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)


class Once(Base):
    __tablename__ = "uuid_once"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4())


class Visit(Base):
    __tablename__ = "uuid_visits"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    visitor_id: Mapped[UUID] = mapped_column(ForeignKey("uuid_visitors.id"))


async def add(engine: AsyncEngine) -> None:
    async with AsyncSession(engine) as session:
        session.add(Visitor(id=KEY))
        await session.commit()


async def claim_not_null(engine: AsyncEngine) -> None:
    """If the foreign key cannot be null, the flush raises `IntegrityError` for an id that was read too early."""
    async with AsyncSession(engine) as session:
        visitor = Visitor()
        session.add_all([visitor, Visit(visitor_id=visitor.id)])
        error = None
        try:
            await session.flush()
        except IntegrityError as raised:
            error = raised
        assert error is not None


async def claim_column_type(engine: AsyncEngine) -> None:
    """`Mapped[UUID]` makes a column of type `UUID` on PostgreSQL, and `CHAR(32)` on SQLite."""
    column = Visitor.__table__.c.id
    assert column.type.compile(postgresql.dialect()) == "UUID"  # type: ignore[no-untyped-call]
    assert column.type.compile(sqlite.dialect()) == "CHAR(32)"


async def claim_commit_order(engine: AsyncEngine) -> None:
    """A row can become visible after another one that has a later `uuidv7()`."""
    async with AsyncSession(engine) as slow, AsyncSession(engine) as fast, AsyncSession(engine) as reader:
        early = await slow.scalar(select(func.uuidv7()))
        fast.add(Visitor(id=await fast.scalar(select(func.uuidv7()))))
        await fast.commit()
        seen = (await reader.scalars(select(Visitor.id))).one()
        slow.add(Visitor(id=early))
        await slow.commit()
        newer = await reader.scalars(select(Visitor.id).where(Visitor.id < seen))
        assert newer.all() == [early]


async def claim_string(engine: AsyncEngine) -> None:
    """A query accepts a string with a valid UUID in place of a `UUID`."""
    await add(engine)
    async with AsyncSession(engine) as session:
        found = await session.scalar(select(Visitor).where(Visitor.id == str(KEY)))
        assert found is not None


async def claim_get_string(engine: AsyncEngine) -> None:
    """If the session has the object, `session.get(…)` with a string sends a query all the same. With a `UUID` it sends none."""
    await add(engine)
    sent: list[str] = []

    @event.listens_for(engine.sync_engine, "before_cursor_execute")
    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        sent.append(statement)

    async with AsyncSession(engine) as session:
        visitor = await session.get(Visitor, KEY)
        assert len(sent) == 1
        assert await session.get(Visitor, KEY) is visitor
        assert len(sent) == 1
        assert await session.get(Visitor, str(KEY)) is visitor
        assert len(sent) == 2


async def claim_two_objects(engine: AsyncEngine) -> None:
    """An object that was added with a string as its key keeps the string. The session then has two objects for one row."""
    async with AsyncSession(engine) as session:
        visitor = Visitor(id=str(KEY))
        session.add(visitor)
        await session.flush()
        assert isinstance(visitor.id, str)
        assert await session.get(Visitor, KEY) is not visitor


async def claim_text(engine: AsyncEngine) -> None:
    """A query with `text()` finds the row by `str(user.id)`."""
    await add(engine)
    async with AsyncSession(engine) as session:
        found = await session.scalar(text("SELECT 1 FROM uuid_visitors WHERE id = :id"), {"id": str(KEY)})
        assert found == 1, "SQLite has the key without hyphens"


async def claim_once(engine: AsyncEngine) -> None:
    """With `default=uuid4()` the second row raises `IntegrityError`: each row would get the same key."""
    async with AsyncSession(engine) as session:
        session.add(Once())
        await session.commit()
        session.add(Once())
        error = None
        try:
            await session.commit()
        except IntegrityError as raised:
            error = raised
        assert error is not None


async def claim_extract(engine: AsyncEngine) -> None:
    """The time at which a `uuidv7()` was made can be read from it, here with `uuid_extract_timestamp`. A version 4 has none."""
    async with engine.connect() as connection:
        near = func.abs(func.extract("epoch", func.clock_timestamp() - func.uuid_extract_timestamp(func.uuidv7())))
        seconds: Any = await connection.scalar(select(near))
        assert seconds < 60
        assert await connection.scalar(select(func.uuid_extract_timestamp(func.gen_random_uuid()))) is None


async def claim_index(engine: AsyncEngine) -> None:
    """After 50,000 rows, the index of the primary key is more than 1.2 times as large with `gen_random_uuid()` as with `uuidv7()`."""

    async def size(function: str) -> int:
        async with engine.connect() as connection:
            await connection.execute(text("CREATE TEMPORARY TABLE keys (id uuid PRIMARY KEY)"))
            await connection.execute(text(f"INSERT INTO keys SELECT {function} FROM generate_series(1, 50000)"))
            return int(await connection.scalar(text("SELECT pg_relation_size('keys_pkey')")) or 0)

    # No time is compared: the sizes differ by how full random pages are. In 31 tries, it was 1.30 to 1.48 times.
    assert await size("gen_random_uuid()") > 1.2 * await size("uuidv7()")


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
