# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (a trigger on SQLite cannot change the row before it is stored)
import asyncio
import os
import sys

from sqlalchemy import FetchedValue, text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


class Base(DeclarativeBase):
    pass


# --8<-- [start:model]
class Invoice(Base):
    __tablename__ = "invoices"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str | None] = mapped_column(server_default=FetchedValue())


# --8<-- [end:model]


FUNCTION = (
    "CREATE OR REPLACE FUNCTION number_invoice() RETURNS trigger LANGUAGE plpgsql AS"
    " 'BEGIN NEW.number := ''INV-'' || NEW.id; RETURN NEW; END'"
)
# --8<-- [start:trigger]
TRIGGER = """
    CREATE TRIGGER number_invoice BEFORE INSERT ON invoices
    FOR EACH ROW EXECUTE FUNCTION number_invoice()
"""
# --8<-- [end:trigger]


# --8<-- [start:create]
async def create_invoice(session_factory: async_sessionmaker[AsyncSession]) -> None:
    async with session_factory() as session:
        invoice = Invoice(id=1)
        session.add(invoice)
        await session.commit()
    print(invoice.number)
    #> INV-1


# --8<-- [end:create]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
            for statement in (FUNCTION, TRIGGER):
                await connection.execute(text(statement))
        await create_invoice(async_sessionmaker(engine, expire_on_commit=False))
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
