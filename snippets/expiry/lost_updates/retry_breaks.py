# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# raises: sqlalchemy.exc.PendingRollbackError
import asyncio
import os

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.orm.exc import StaleDataError

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


# --8<-- [start:model]
class Document(Base):
    __tablename__ = "documents"

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}


# --8<-- [end:model]


# --8<-- [start:other]
async def somebody_else_edits(session_factory: async_sessionmaker[AsyncSession]) -> None:
    async with session_factory.begin() as session:
        document = await session.get_one(Document, 1)
        document.text += ", reviewed"


# --8<-- [end:other]


# --8<-- [start:retry]
async def publish(session_factory: async_sessionmaker[AsyncSession]) -> None:
    async with session_factory() as session:
        document = await session.get_one(Document, 1)
        await somebody_else_edits(session_factory)
        document.text += ", published"
        try:
            await session.commit()
        except StaleDataError as error:
            print(error)
            #> UPDATE statement on table 'documents' expected to update 1 row(s); 0 were matched.
            await session.refresh(document)
            document.text += ", published"
            await session.commit()


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
            document = await session.get_one(Document, 1)
            print(f"{document.text} (version {document.version})")
        # --8<-- [end:check]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
