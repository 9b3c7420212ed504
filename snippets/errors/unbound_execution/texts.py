# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
from typing import Any

from sqlalchemy import Select, TextClause, select, text
from sqlalchemy.exc import UnboundExecutionError
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)


class AuditBase(DeclarativeBase):
    pass


class Entry(AuditBase):
    __tablename__ = "entries"

    id: Mapped[int] = mapped_column(primary_key=True)


engine = create_async_engine(DATABASE_URL)


async def ask(statement: Select[Any] | TextClause, **options: Any) -> str:
    try:
        async with AsyncSession(**options) as session:
            await session.execute(statement)
    except UnboundExecutionError as error:
        return str(error).partition(", SQL")[0]
    return "works"


# --8<-- [start:texts]
async def compare() -> None:
    print(await ask(select(User)))
    #> Could not locate a bind configured on mapper Mapper[User(users)]
    print(await ask(text("SELECT 1")))
    #> Could not locate a bind configured on SQL expression or this Session.
    print(await ask(select(User), binds={Base: engine}))
    #> works
    print(await ask(text("SELECT 1"), binds={Base: engine}))
    #> Could not locate a bind configured on SQL expression or this Session.
    print(await ask(select(Entry), binds={Base: engine}))
    #> Could not locate a bind configured on mapper Mapper[Entry(entries)]
    print(await ask(text("SELECT 1"), bind=engine, binds={Base: engine}))
    #> works


# --8<-- [end:texts]


async def main() -> None:
    try:
        async with engine.begin() as connection:
            for base in (Base, AuditBase):
                await connection.run_sync(base.metadata.drop_all)
                await connection.run_sync(base.metadata.create_all)
        await compare()
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
