# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite"]
# ///
# drivers: aiosqlite (PostgreSQL knows all of these)
import asyncio

from sqlalchemy import JSON, Executable, func, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Article(Base):
    __tablename__ = "articles"

    id: Mapped[int] = mapped_column(primary_key=True)
    tags: Mapped[list[str]] = mapped_column(JSONB().with_variant(JSON(), "sqlite"))


# --8<-- [start:table]
STATEMENTS: dict[str, Executable] = {
    "tags.contains()": select(Article).where(Article.tags.contains(["sql"])),
    "func.date_trunc()": select(func.date_trunc("day", func.now())),
    "text('SELECT now()')": text("SELECT now()"),
    "func.array_agg()": select(func.array_agg(Article.id)),
    "func.now()": select(func.now()),
    "with_for_update()": select(Article).with_for_update(),
}


async def attempt(engine: AsyncEngine, statement: Executable) -> str:
    try:
        async with engine.connect() as connection:
            await connection.execute(statement)
    except DBAPIError as error:
        return str(error.orig)
    return "runs"


# --8<-- [end:table]


async def main() -> None:
    engine = create_async_engine("sqlite+aiosqlite://")
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
        # --8<-- [start:outcome]
        print("in the query | on SQLite")
        #> in the query | on SQLite
        for name, statement in STATEMENTS.items():
            print(f"{name} | {await attempt(engine, statement)}")
            #> tags.contains() | unrecognized token: "@"
            #> func.date_trunc() | no such function: date_trunc
            #> text('SELECT now()') | no such function: now
            #> func.array_agg() | no such function: array_agg
            #> func.now() | runs
            #> with_for_update() | runs
        # --8<-- [end:outcome]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
