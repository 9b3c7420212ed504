# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite has no row-level security)
# needs: server
import asyncio
import os
import sys

from sqlalchemy import Connection, event, make_url, select, text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, SessionTransaction, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs a PostgreSQL of its own with 12 connections: "
    "DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)
APP_URL = make_url(DATABASE_URL).set(username="app", password="app")


class Base(DeclarativeBase):
    pass


# --8<-- [start:model]
class Invoice(Base):
    __tablename__ = "invoices"

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant: Mapped[str] = mapped_column(server_default=text("current_setting('app.tenant')"))
    number: Mapped[str]


POLICY = (
    "CREATE ROLE app LOGIN PASSWORD 'app'",
    "GRANT USAGE ON SCHEMA public TO app",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON invoices TO app",
    "GRANT USAGE ON SEQUENCE invoices_id_seq TO app",
    "ALTER TABLE invoices ENABLE ROW LEVEL SECURITY",
    "CREATE POLICY own_rows ON invoices USING (tenant = nullif(current_setting('app.tenant', true), ''))",
)
# --8<-- [end:model]


async def set_up() -> None:
    """What your migrations do, as the owner of the tables."""
    engine = create_async_engine(DATABASE_URL)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
        for statement in POLICY:
            await connection.execute(text(statement))
        await connection.execute(text("INSERT INTO invoices (tenant, number) VALUES ('globex', 'G-1')"))
    await engine.dispose()


async def clean_up() -> None:
    engine = create_async_engine(DATABASE_URL)
    async with engine.begin() as connection:
        await connection.execute(text("DROP OWNED BY app"))
        await connection.execute(text("DROP ROLE app"))
    await engine.dispose()


# --8<-- [start:session]
SET_TENANT = text("SELECT set_config('app.tenant', :tenant, true)")


class TenantSession(Session):
    """The session of one tenant."""


@event.listens_for(TenantSession, "after_begin")
def set_tenant(session: Session, transaction: SessionTransaction, connection: Connection) -> None:
    connection.execute(SET_TENANT, {"tenant": session.info["tenant"]})


# --8<-- [end:session]


# --8<-- [start:import]
async def import_invoice(session: AsyncSession) -> None:
    session.add(Invoice(number="A-1"))
    await session.commit()
    numbers = (await session.scalars(select(Invoice.number))).all()
    print(f"acme sees {numbers}")
    #> acme sees ['A-1']
    assert numbers == ["A-1"]


# --8<-- [end:import]


async def main() -> None:
    await set_up()
    engine = create_async_engine(APP_URL)
    try:
        # --8<-- [start:open]
        session_factory = async_sessionmaker(engine, sync_session_class=TenantSession)
        async with session_factory(info={"tenant": "acme"}) as session:
            await import_invoice(session)
        # --8<-- [end:open]
    finally:
        await engine.dispose()
        await clean_up()


if __name__ == "__main__":
    asyncio.run(main())
