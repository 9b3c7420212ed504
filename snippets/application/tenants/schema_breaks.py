# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite has no schemas of this kind)
# raises: sqlalchemy.exc.ProgrammingError
import asyncio
import os
import sys

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


class Base(DeclarativeBase):
    pass


class Invoice(Base):
    __tablename__ = "invoices"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str]


# --8<-- [start:import]
async def import_invoice(session: AsyncSession) -> None:
    session.add(Invoice(number="A-1"))
    await session.commit()
    print("after the commit:", (await session.scalars(select(Invoice.number))).all())


# --8<-- [end:import]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            for tenant in ("acme", "globex"):
                await connection.execute(text(f"DROP SCHEMA IF EXISTS {tenant} CASCADE"))
                await connection.execute(text(f"CREATE SCHEMA {tenant}"))
                await connection.execution_options(schema_translate_map={None: tenant})
                await connection.run_sync(Base.metadata.create_all)
        # --8<-- [start:session]
        acme = {"schema_translate_map": {None: "acme"}}
        async with AsyncSession(engine) as session:
            await session.connection(execution_options=acme)
            await import_invoice(session)
        # --8<-- [end:session]
    finally:
        async with engine.begin() as connection:
            await connection.execute(text("DROP SCHEMA acme, globex CASCADE"))
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
