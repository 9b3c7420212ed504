# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite has no uuidv7() and no gen_random_uuid())
import asyncio
import os
import sys
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import event, func
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, MappedAsDataclass, mapped_column, orm_insert_sentinel

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


class Base(DeclarativeBase):
    pass


# --8<-- [start:models]
class Default(Base):
    __tablename__ = "by_default"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)


class Dataclass(MappedAsDataclass, Base):
    __tablename__ = "by_dataclass"

    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=uuid4)


class ServerV4(Base):
    __tablename__ = "by_server_v4"

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.gen_random_uuid())


class ServerV7(Base):
    __tablename__ = "by_server_v7"

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())


class Sentinel(Base):
    __tablename__ = "by_sentinel"

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    number: Mapped[int] = orm_insert_sentinel()


# --8<-- [end:models]
WAYS: dict[str, type[Any]] = {
    "`default=uuid4`": Default,
    "`MappedAsDataclass`, `default_factory=uuid4`": Dataclass,
    "`server_default=func.gen_random_uuid()`": ServerV4,
    "`server_default=func.uuidv7()`": ServerV7,
    "the same, with `orm_insert_sentinel()`": Sentinel,
}


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    session_factory = async_sessionmaker(engine, expire_on_commit=False)
    inserts: list[str] = []

    @event.listens_for(engine.sync_engine, "before_cursor_execute")
    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        inserts.append(statement)

    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        # --8<-- [start:table]
        print("declared as | `id` before the flush | after it | `INSERT`s for 100 objects")
        #> declared as | `id` before the flush | after it | `INSERT`s for 100 objects
        for name, model in WAYS.items():
            rows = [model() for _ in range(100)]
            before = "known" if rows[0].id else "None"
            async with session_factory.begin() as session:
                session.add_all(rows)
                inserts.clear()
                await session.flush()
            after = "known" if rows[0].id else "None"
            print(f"{name} | {before} | {after} | {len(inserts)}")
            #> `default=uuid4` | None | known | 1
            #> `MappedAsDataclass`, `default_factory=uuid4` | known | known | 1
            #> `server_default=func.gen_random_uuid()` | None | known | 100
            #> `server_default=func.uuidv7()` | None | known | 100
            #> the same, with `orm_insert_sentinel()` | None | known | 1
        # --8<-- [end:table]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
