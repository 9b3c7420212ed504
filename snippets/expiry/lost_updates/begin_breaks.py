# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# raises: sqlalchemy.exc.InvalidRequestError
import asyncio
import os
from collections.abc import Awaitable

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.orm.exc import StaleDataError

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Document(Base):
    __tablename__ = "documents"

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}


async def somebody_else_edits(session_factory: async_sessionmaker[AsyncSession]) -> None:
    async with session_factory.begin() as session:
        document = await session.get_one(Document, 1)
        document.text += ", reviewed"


# --8<-- [start:retry]
async def edit(session: AsyncSession, meanwhile: Awaitable[None] | None) -> None:
    document = await session.get_one(Document, 1)
    if meanwhile:
        await meanwhile
    document.text += ", published"
    await session.flush()


async def publish(session_factory: async_sessionmaker[AsyncSession]) -> None:
    async with session_factory.begin() as session:
        for meanwhile in (somebody_else_edits(session_factory), None):
            try:
                await edit(session, meanwhile)
            except StaleDataError as error:
                print(error)
                #> UPDATE statement on table 'documents' expected to update 1 row(s); 0 were matched.


# --8<-- [end:retry]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine)
        async with session_factory.begin() as session:
            session.add(Document(id=1, text="draft"))

        await publish(session_factory)
        # --8<-- [start:check]
        async with session_factory() as session:
            print((await session.get_one(Document, 1)).text)
        # --8<-- [end:check]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
