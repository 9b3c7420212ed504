# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///

# ruff: noqa: RUF012
import asyncio
import os
from datetime import datetime

from sqlalchemy import Computed, FetchedValue, func, inspect
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class LineColumns:
    id: Mapped[int] = mapped_column(primary_key=True)
    price: Mapped[int]
    source: Mapped[str] = mapped_column(server_default="web")
    editor: Mapped[str] = mapped_column(default=lambda: "app", onupdate=lambda: "app")
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=func.now())
    doubled: Mapped[int] = mapped_column(Computed("price * 2", persisted=True))
    revision: Mapped[int | None] = mapped_column(
        server_default=FetchedValue(), server_onupdate=FetchedValue()
    )


# --8<-- [start:model]
class AutoLine(LineColumns, Base):
    __tablename__ = "auto_lines"


class EagerLine(LineColumns, Base):
    __tablename__ = "eager_lines"
    __mapper_args__ = {"eager_defaults": True}


class LazyLine(LineColumns, Base):
    __tablename__ = "lazy_lines"
    __mapper_args__ = {"eager_defaults": False}


# --8<-- [end:model]


KINDS = {
    "source": 'server_default="web"',
    "editor": "onupdate=a_python_function",
    "updated_at": "onupdate=func.now()",
    "doubled": "Computed(...)",
    "revision": "server_onupdate=FetchedValue()",
}


def state_of(line: LineColumns) -> dict[str, str]:
    expired = inspect(line, raiseerr=True).expired_attributes
    return {column: "expired" if column in expired else "in memory" for column in KINDS}


async def after_insert_and_update(
    session: AsyncSession, line: LineColumns
) -> tuple[dict[str, str], dict[str, str]]:
    session.add(line)
    await session.flush()
    after_insert = state_of(line)
    await session.refresh(line)
    line.price = 300
    await session.flush()
    return after_insert, state_of(line)


# --8<-- [start:table]
async def compare(session: AsyncSession) -> None:
    auto_insert, auto_update = await after_insert_and_update(session, AutoLine(price=250))
    eager_insert, eager_update = await after_insert_and_update(session, EagerLine(price=250))
    lazy_insert, lazy_update = await after_insert_and_update(session, LazyLine(price=250))
    assert eager_insert == auto_insert and lazy_update == auto_update

    print("column | after INSERT | after UPDATE | INSERT, False | UPDATE, True")
    #> column | after INSERT | after UPDATE | INSERT, False | UPDATE, True
    for column, kind in KINDS.items():
        states = auto_insert, auto_update, lazy_insert, eager_update
        print(" | ".join([kind, *(state[column] for state in states)]))
        #> server_default="web" | in memory | in memory | expired | in memory
        #> onupdate=a_python_function | in memory | in memory | in memory | in memory
        #> onupdate=func.now() | in memory | expired | expired | in memory
        #> Computed(...) | in memory | expired | expired | in memory
        #> server_onupdate=FetchedValue() | in memory | expired | expired | in memory


# --8<-- [end:table]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        async with async_sessionmaker(engine, expire_on_commit=False)() as session:
            await compare(session)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
