# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os

from sqlalchemy import FetchedValue, text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Invoice(Base):
    __tablename__ = "invoices"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str | None] = mapped_column(server_default=FetchedValue())


TRIGGER = {
    "sqlite": [
        "CREATE TRIGGER number_invoice AFTER INSERT ON invoices BEGIN"
        " UPDATE invoices SET number = 'INV-' || NEW.id WHERE id = NEW.id; END"
    ],
    "postgresql": [
        "CREATE OR REPLACE FUNCTION number_invoice() RETURNS trigger LANGUAGE plpgsql AS"
        " 'BEGIN UPDATE invoices SET number = ''INV-'' || NEW.id WHERE id = NEW.id;"
        " RETURN NULL; END'",
        "CREATE TRIGGER number_invoice AFTER INSERT ON invoices"
        " FOR EACH ROW EXECUTE FUNCTION number_invoice()",
    ],
}


# --8<-- [start:create]
async def create_invoice(session_factory: async_sessionmaker[AsyncSession]) -> None:
    async with session_factory() as session:
        invoice = Invoice(id=1)
        session.add(invoice)
        await session.flush()
        await session.refresh(invoice, ["number"])
        await session.commit()
    print(invoice.number)
    #> INV-1
    assert invoice.number == "INV-1"


# --8<-- [end:create]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
            for statement in TRIGGER[engine.dialect.name]:
                await connection.execute(text(statement))
        await create_invoice(async_sessionmaker(engine, expire_on_commit=False))
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
