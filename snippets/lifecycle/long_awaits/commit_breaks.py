# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# raises: sqlalchemy.exc.TimeoutError
import asyncio
import os

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Document(Base):
    __tablename__ = "documents"

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]
    summary: Mapped[str | None]


asked = asyncio.Event()
may_answer = asyncio.Event()


async def ask_the_model(text: str) -> str:
    """Stands for a call that takes half a minute: it lasts until `may_answer`."""
    asked.set()
    await may_answer.wait()
    return f"{len(text.split())} words"


# --8<-- [start:summarise]
async def summarise(factory: async_sessionmaker[AsyncSession], document_id: int) -> None:
    async with factory() as session:
        document = await session.get_one(Document, document_id)
        document.summary = await ask_the_model(document.text)
        await session.commit()


# --8<-- [end:summarise]


# --8<-- [start:other]
async def read(factory: async_sessionmaker[AsyncSession], document_id: int) -> str:
    async with factory() as session:
        return (await session.get_one(Document, document_id)).text


# --8<-- [end:other]


async def main() -> None:
    # --8<-- [start:engine]
    engine = create_async_engine(DATABASE_URL, pool_size=1, max_overflow=0, pool_timeout=0.5)
    # --8<-- [end:engine]
    session_factory = async_sessionmaker(engine, expire_on_commit=False)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        async with session_factory.begin() as session:
            session.add(Document(id=1, text="Call me Ishmael."))
        # --8<-- [start:meanwhile]
        summarising = asyncio.create_task(summarise(session_factory, document_id=1))
        await asked.wait()
        try:
            print(await read(session_factory, document_id=1))
        finally:
            may_answer.set()
            await summarising
        # --8<-- [end:meanwhile]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
