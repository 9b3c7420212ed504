# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]", "alembic"]
# ///
import asyncio
import enum
import os
import traceback
from collections.abc import Awaitable, Callable
from enum import IntEnum, StrEnum

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Column, Connection, Enum, Integer, MetaData, String, Table, insert, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Mood(StrEnum):
    GOOD = "good"
    BAD = "bad"

    @classmethod
    def _missing_(cls, value: object) -> "Mood":
        return cls.BAD


def values(members: type[enum.Enum]) -> list[str]:
    return [member.value for member in members]


class Diary(Base):
    __tablename__ = "enum_diaries"

    id: Mapped[int] = mapped_column(primary_key=True)
    mood: Mapped[Mood]
    loose: Mapped[Mood | None] = mapped_column(Enum(Mood, native_enum=False))
    checked: Mapped[Mood | None] = mapped_column(
        Enum(Mood, native_enum=False, create_constraint=True, name="mood_check")
    )


async def write(engine: AsyncEngine, *statements: str) -> None:
    async with engine.begin() as connection:
        for statement in statements:
            await connection.execute(text(statement))


async def claim_map(engine: AsyncEngine) -> None:
    """An `Enum(Status, …)` in `mapped_column()` does not use the `values_callable` of the map. It stores the names, unless it has a `values_callable` itself."""

    class Size(StrEnum):
        SMALL = "small"

    class Local(DeclarativeBase):
        type_annotation_map = {enum.Enum: Enum(enum.Enum, values_callable=values)}

    class Page(Local):
        __tablename__ = "enum_pages"

        id: Mapped[int] = mapped_column(primary_key=True)
        mapped: Mapped[Size]
        explicit: Mapped[Size] = mapped_column(Enum(Size, native_enum=False))
        given: Mapped[Size] = mapped_column(Enum(Size, native_enum=False, values_callable=values))

    async with engine.connect() as connection:
        await connection.run_sync(Local.metadata.create_all)
        row = {"id": 1, "mapped": Size.SMALL, "explicit": Size.SMALL, "given": Size.SMALL}
        await connection.execute(insert(Page), row)
        columns = "CAST(mapped AS VARCHAR(9)), explicit, given"
        stored = (await connection.execute(text(f"SELECT {columns} FROM enum_pages"))).one()
        await connection.run_sync(Local.metadata.drop_all)
        await connection.commit()
    assert tuple(stored) == ("small", "SMALL", "small")


async def claim_int_enum(engine: AsyncEngine) -> None:
    """With this map, a `Mapped[…]` of an `IntEnum` raises a `TypeError`: the function must give strings."""

    class Level(IntEnum):
        LOW = 1

    class Local(DeclarativeBase):
        type_annotation_map = {enum.Enum: Enum(enum.Enum, values_callable=values)}

    error = None
    try:
        type("Gauge", (Local,), {
            "__tablename__": "enum_gauges",
            "__annotations__": {"id": Mapped[int], "level": Mapped[Level]},
            "id": mapped_column(primary_key=True),
        })
    except TypeError as raised:
        error = raised
    assert error is not None


async def claim_unknown_in_query(engine: AsyncEngine) -> None:
    """A comparison with a string that is no member, `Diary.mood == "sad"`, finds nothing and raises nothing."""
    async with AsyncSession(engine) as session:
        found = await session.scalars(select(Diary).where(Diary.mood == "sad"))
        assert found.all() == []


async def claim_missing(engine: AsyncEngine) -> None:
    """The method `_missing_` of the enum is not asked: an unknown value raises `LookupError` all the same."""
    assert Mood("sad") is Mood.BAD
    await write(engine, "INSERT INTO enum_diaries (id, mood, loose) VALUES (1, 'GOOD', 'sad')")
    async with AsyncSession(engine) as session:
        error = None
        try:
            await session.get(Diary, 1)
        except LookupError as raised:
            error = raised
        assert error is not None


async def claim_other_column(engine: AsyncEngine) -> None:
    """A query that does not select the column with the unknown value reads the row."""
    await write(engine, "INSERT INTO enum_diaries (id, mood, loose) VALUES (1, 'GOOD', 'sad')")
    async with AsyncSession(engine) as session:
        assert (await session.execute(select(Diary.id, Diary.mood))).one() == (1, Mood.GOOD)


async def claim_stream(engine: AsyncEngine) -> None:
    """With `session.stream_scalars(…)`, the rows before the unknown value were handed out before the `LookupError`."""
    await write(
        engine,
        "INSERT INTO enum_diaries (id, mood, loose) VALUES (1, 'GOOD', 'GOOD')",
        "INSERT INTO enum_diaries (id, mood, loose) VALUES (2, 'GOOD', 'sad')",
    )
    seen = []
    async with AsyncSession(engine) as session:
        error = None
        query = select(Diary).order_by(Diary.id).execution_options(yield_per=1)
        result = await session.stream_scalars(query)
        try:
            async for diary in result:
                seen.append(diary.id)
        except LookupError as raised:
            error = raised
        await result.close()
        assert error is not None
    assert seen == [1]


async def claim_autogenerate(engine: AsyncEngine) -> None:
    """After a value that is not longer than the others was added to an enum, `alembic revision --autogenerate` finds no difference: neither in a native type nor in a `CHECK`."""
    metadata = MetaData()
    mood = Enum("GOOD", "BAD", "SAD", name="mood")
    checked = Enum("GOOD", "BAD", "SAD", name="mood_check", native_enum=False, create_constraint=True)
    Table(
        "enum_diaries",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("mood", mood, nullable=False),
        Column("loose", String(4)),
        Column("checked", checked),
    )

    def differences(connection: Connection) -> list[str]:
        found = compare_metadata(MigrationContext.configure(connection), metadata)
        return [str(one) for one in found if "enum_diaries" in str(one)]

    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []
        metadata.tables["enum_diaries"].append_column(Column("note", Integer))
        assert len(await connection.run_sync(differences)) == 1


async def claim_rename(engine: AsyncEngine) -> None:
    """`ALTER TYPE … RENAME VALUE` renames a value in all rows, without an `UPDATE`."""
    await write(
        engine,
        "INSERT INTO enum_diaries (id, mood) VALUES (1, 'GOOD')",
        "ALTER TYPE mood RENAME VALUE 'GOOD' TO 'good'",
    )
    async with engine.connect() as connection:
        stored = await connection.scalar(text("SELECT mood::text FROM enum_diaries"))
        assert stored == "good"


async def claim_add_value(engine: AsyncEngine) -> None:
    """A value that `ALTER TYPE … ADD VALUE` adds to a committed type cannot be used before the commit: PostgreSQL raises `55P04`."""
    async with engine.connect() as connection:
        await connection.execute(text("ALTER TYPE mood ADD VALUE 'SAD'"))
        code = None
        try:
            await connection.execute(text("INSERT INTO enum_diaries (id, mood) VALUES (1, 'SAD')"))
        except DBAPIError as raised:
            code = getattr(raised.orig, "sqlstate", None)
        assert code == "55P04"


async def claim_drop_value(engine: AsyncEngine) -> None:
    """A value cannot be dropped: `ALTER TYPE … DROP VALUE` raises `0A000`, not implemented, on PostgreSQL 18."""
    async with engine.connect() as connection:
        code = None
        try:
            await connection.execute(text("ALTER TYPE mood DROP VALUE 'BAD'"))
        except DBAPIError as raised:
            code = getattr(raised.orig, "sqlstate", None)
        assert code == "0A000"


async def claim_renamed(engine: AsyncEngine) -> None:
    """After the rename, a process with the old names cannot use the value: reading the row raises `LookupError`, and PostgreSQL refuses its `INSERT` with `22P02`."""
    await write(
        engine,
        "INSERT INTO enum_diaries (id, mood) VALUES (1, 'GOOD')",
        "ALTER TYPE mood RENAME VALUE 'GOOD' TO 'good'",
    )
    async with AsyncSession(engine) as session:
        error = None
        try:
            await session.get(Diary, 1)
        except LookupError as raised:
            error = raised
        assert error is not None
        code = None
        session.add(Diary(id=2, mood=Mood.GOOD))
        try:
            await session.flush()
        except DBAPIError as refused:
            code = getattr(refused.orig, "sqlstate", None)
        assert code == "22P02"


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
