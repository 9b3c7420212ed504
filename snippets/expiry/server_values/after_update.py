# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///

# ruff: noqa: RUF012
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
    __mapper_args__ = {"eager_defaults": True}

    id: Mapped[int] = mapped_column(primary_key=True)
    status: Mapped[str]
    revision: Mapped[int] = mapped_column(server_default="1", server_onupdate=FetchedValue())


TRIGGER = {
    "sqlite": [
        "CREATE TRIGGER count_revision AFTER UPDATE OF status ON invoices BEGIN"
        " UPDATE invoices SET revision = OLD.revision + 1 WHERE id = NEW.id; END"
    ],
    "postgresql": [
        "CREATE OR REPLACE FUNCTION count_revision() RETURNS trigger LANGUAGE plpgsql AS"
        " 'BEGIN UPDATE invoices SET revision = OLD.revision + 1 WHERE id = NEW.id;"
        " RETURN NULL; END'",
        "CREATE TRIGGER count_revision AFTER UPDATE OF status ON invoices"
        " FOR EACH ROW EXECUTE FUNCTION count_revision()",
    ],
}


# --8<-- [start:pay]
async def pay(session_factory: async_sessionmaker[AsyncSession]) -> None:
    async with session_factory() as session:
        invoice = await session.get_one(Invoice, 1)
        invoice.status = "paid"
        await session.flush()
        await session.refresh(invoice, ["revision"])
        await session.commit()
    print(invoice.revision)
    #> 2
    assert invoice.revision == 2


# --8<-- [end:pay]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
            for statement in TRIGGER[engine.dialect.name]:
                await connection.execute(text(statement))
        session_factory = async_sessionmaker(engine, expire_on_commit=False)
        async with session_factory.begin() as session:
            session.add(Invoice(id=1, status="open"))
        await pay(session_factory)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
