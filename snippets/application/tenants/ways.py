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


SET = {
    "set_config(…, false), once": text("SELECT set_config('app.tenant', :tenant, false)"),
    "set_config(…, true), once": text("SELECT set_config('app.tenant', :tenant, true)"),
}
NUMBERS = select(Invoice.number).order_by(Invoice.number)


class TenantSession(Session):
    pass


@event.listens_for(TenantSession, "after_begin")
def set_tenant(session: Session, transaction: SessionTransaction, connection: Connection) -> None:
    connection.execute(SET["set_config(…, true), once"], {"tenant": session.info["tenant"]})


# --8<-- [start:rows]
async def rows(session: AsyncSession) -> str:
    try:
        return ", ".join((await session.scalars(NUMBERS)).all()) or "no rows"
    except KeyError as error:
        return f"KeyError: {error}"


async def two_requests(session: AsyncSession, forgetful: AsyncSession) -> tuple[str, str]:
    """Globex commits and reads. Then a request without a tenant gets the same connection."""
    async with session:
        await session.commit()
        own = await rows(session)
    async with forgetful:
        return own, await rows(forgetful)


# --8<-- [end:rows]


async def main() -> None:
    await set_up()
    globex = {"tenant": "globex"}
    # --8<-- [start:table]
    print("Tenant set by | globex, after its commit | next request, without a tenant")
    #> Tenant set by | globex, after its commit | next request, without a tenant
    for way, statement in SET.items():
        engine = create_async_engine(APP_URL, pool_size=1)
        session = AsyncSession(engine)
        await session.execute(statement, globex)
        own, leaked = await two_requests(session, AsyncSession(engine))
        print(f"{way} | {own} | {leaked}")
        #> set_config(…, false), once | G-1 | G-1
        #> set_config(…, true), once | no rows | no rows
        await engine.dispose()
    engine = create_async_engine(APP_URL, pool_size=1)
    session_factory = async_sessionmaker(engine, sync_session_class=TenantSession)
    own, leaked = await two_requests(session_factory(info=globex), session_factory())
    print(f"after_begin | {own} | {leaked}")
    #> after_begin | G-1 | KeyError: 'tenant'
    # --8<-- [end:table]
    await engine.dispose()
    await clean_up()


if __name__ == "__main__":
    asyncio.run(main())
