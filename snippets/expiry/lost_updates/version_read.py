# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os

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


# --8<-- [start:read]
async def read_again(session_factory: async_sessionmaker[AsyncSession]) -> None:
    async with session_factory() as session:
        document = await session.get_one(Document, 1)
        await somebody_else_edits(session_factory)
        try:
            await session.get_one(Document, 1, with_for_update=True)
        except StaleDataError as error:
            print(str(error).split("' ", 1)[1])
            #> has version id '1' which does not match database-loaded version id '2'.
        print(document.text)
        #> draft


# --8<-- [end:read]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine)
        async with session_factory.begin() as session:
            session.add(Document(id=1, text="draft"))
        await read_again(session_factory)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
