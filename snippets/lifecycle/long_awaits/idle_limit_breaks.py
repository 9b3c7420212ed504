# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite has no server that ends an idle transaction)
# raises: sqlalchemy.exc.InterfaceError, sqlalchemy.exc.InternalError
import asyncio
import os
import sys

from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


class Base(DeclarativeBase):
    pass


class Document(Base):
    __tablename__ = "documents"

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]
    summary: Mapped[str | None]


# --8<-- [start:limit]
LIMIT = {
    "asyncpg": {"server_settings": {"idle_in_transaction_session_timeout": "1s"}},
    "psycopg": {"options": "-c idle_in_transaction_session_timeout=1s"},
}
# --8<-- [end:limit]


async def ask_the_model(engine: AsyncEngine, text_to_summarise: str) -> str:
    """Stands for a call that takes longer than the server allows."""
    if busy := await transactions_open(engine):
        while await transactions_open(engine) == busy:
            await asyncio.sleep(0.05)
    return f"{len(text_to_summarise.split())} words"


async def transactions_open(engine: AsyncEngine) -> int:
    idle = (
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE state = 'idle in transaction' AND datname = current_database()"
    )
    async with engine.connect() as connection:
        return int(await connection.scalar(text(idle)) or 0)


# --8<-- [start:summarise]
async def summarise(engine: AsyncEngine, document_id: int) -> None:
    async with AsyncSession(engine, expire_on_commit=False) as session:
        document = await session.get_one(Document, document_id)
        document.summary = await ask_the_model(engine, document.text)
        await session.commit()


# --8<-- [end:summarise]


async def main() -> None:
    # --8<-- [start:engine]
    driver = make_url(DATABASE_URL).get_driver_name()
    engine = create_async_engine(DATABASE_URL, connect_args=LIMIT[driver])
    # --8<-- [end:engine]
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        async with AsyncSession(engine) as session, session.begin():
            session.add(Document(id=1, text="Call me Ishmael.", summary=None))
        await summarise(engine, document_id=1)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
