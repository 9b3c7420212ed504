# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite has no schemas of this kind)
# raises: sqlalchemy.exc.NotSupportedError
import asyncio
import os
import sys
from enum import Enum

from sqlalchemy import Connection, event, insert, select, text
from sqlalchemy import Enum as EnumType
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, SessionTransaction, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


class Base(DeclarativeBase):
    pass


# --8<-- [start:model]
class Status(Enum):
    open = "open"
    paid = "paid"


class Invoice(Base):
    __tablename__ = "invoices"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str]
    status: Mapped[Status] = mapped_column(EnumType(Status))


# --8<-- [end:model]


# --8<-- [start:event]
SET_PATH = text("SELECT set_config('search_path', :tenant, true)")


class TenantSession(Session):
    pass


@event.listens_for(TenantSession, "after_begin")
def set_tenant(session: Session, transaction: SessionTransaction, connection: Connection) -> None:
    connection.execute(SET_PATH, {"tenant": session.info["tenant"]})


# --8<-- [end:event]


STATUSES = select(Invoice.number, Invoice.status)


async def main() -> None:
    engine = create_async_engine(DATABASE_URL, pool_size=1, max_overflow=0)
    session_factory = async_sessionmaker(engine, sync_session_class=TenantSession)
    try:
        setup = create_async_engine(DATABASE_URL)
        async with setup.begin() as connection:
            for tenant in ("acme", "globex"):
                await connection.execute(text(f"DROP SCHEMA IF EXISTS {tenant} CASCADE"))
                await connection.execute(text(f"CREATE SCHEMA {tenant}"))
                await connection.execution_options(schema_translate_map={None: tenant})
                await connection.run_sync(Base.metadata.create_all)
                row = {"number": f"{tenant}-1", "status": Status.open}
                await connection.execute(insert(Invoice), row)
        await setup.dispose()
        # --8<-- [start:first]
        for _ in range(6):
            async with session_factory(info={"tenant": "acme"}) as session:
                await session.execute(STATUSES)
                await session.commit()
        # --8<-- [end:first]
        # --8<-- [start:next]
        async with session_factory(info={"tenant": "globex"}) as session:
            rows = await session.execute(STATUSES)
            print([f"{number} {status.name}" for number, status in rows])
        # --8<-- [end:next]
    finally:
        async with engine.begin() as connection:
            await connection.execute(text("DROP SCHEMA acme, globex CASCADE"))
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
