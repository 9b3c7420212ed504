# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite has no row-level security)
# needs: server
import asyncio
import os
import sys
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Enum,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    MetaData,
    Table,
    UniqueConstraint,
    delete,
    event,
    func,
    insert,
    select,
    text,
)
from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, SessionTransaction, mapped_column
from sqlalchemy.pool import QueuePool

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs a PostgreSQL of its own with 12 connections: "
    "DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


class Base(DeclarativeBase):
    pass


class Customer(Base):
    __tablename__ = "tenant_customers"
    __table_args__ = (UniqueConstraint("email"), UniqueConstraint("tenant", "id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant: Mapped[str]
    email: Mapped[str]


class Order(Base):
    __tablename__ = "tenant_orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant: Mapped[str]
    customer_id: Mapped[int] = mapped_column(ForeignKey("tenant_customers.id"))


class Payment(Base):
    __tablename__ = "tenant_payments"
    __table_args__ = (
        ForeignKeyConstraint(["tenant", "customer_id"], ["tenant_customers.tenant", "tenant_customers.id"]),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant: Mapped[str]
    customer_id: Mapped[int]


PARCELS = Table(
    "parcels",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("state", Enum("packed", "sent", name="parcel_state")),
)

SET_TENANT = text("SELECT set_config('app.tenant', :tenant, true)")
TENANT = text("SELECT current_setting('app.tenant', true)")
SETTING = "nullif(current_setting('app.tenant', true), '')"


class TenantSession(Session):
    pass


@event.listens_for(TenantSession, "after_begin")
def set_tenant(session: Session, transaction: SessionTransaction, connection: Connection) -> None:
    connection.execute(SET_TENANT, {"tenant": session.info["tenant"]})


def session_of(engine: AsyncEngine, tenant: str) -> AsyncSession:
    return AsyncSession(engine, sync_session_class=TenantSession, info={"tenant": tenant})


@asynccontextmanager
async def restricted(engine: AsyncEngine, setting: str = SETTING) -> AsyncIterator[AsyncEngine]:
    """Row-level security on both tables, a customer of globex, and an engine of a role that it binds."""
    async with engine.begin() as connection:
        await connection.execute(text("CREATE ROLE app LOGIN PASSWORD 'app'"))
        await connection.execute(text("GRANT USAGE ON SCHEMA public TO app"))
        for table in Base.metadata.sorted_tables:
            policy = f"CREATE POLICY own_rows ON {table.name} USING (tenant = {setting})"
            await connection.execute(text(f"GRANT ALL ON {table.name} TO app"))
            await connection.execute(text(f"ALTER TABLE {table.name} ENABLE ROW LEVEL SECURITY"))
            await connection.execute(text(policy))
        await connection.execute(insert(Customer), {"id": 1, "tenant": "globex", "email": "a@b.c"})
    app = create_async_engine(engine.url.set(username="app", password="app"))
    try:
        yield app
    finally:
        await app.dispose()
        async with engine.begin() as connection:
            await connection.execute(text("DROP OWNED BY app"))
            await connection.execute(text("DROP ROLE app"))


async def claim_empty_string(engine: AsyncEngine) -> None:
    """After a transaction that set the tenant with `true`, the setting is `''` on that connection, and `::int` of it
    raises. `nullif(…, '')::int` gives `NULL`."""
    setting = "current_setting('app.tenant', true)"
    refused = ""
    async with AsyncSession(engine) as session:
        before = await session.scalar(text(f"SELECT {setting}::int"))
        await session.execute(SET_TENANT, {"tenant": "7"})
        await session.commit()
        after = await session.scalar(text(f"SELECT nullif({setting}, '')::int"))
        try:
            await session.execute(text(f"SELECT {setting}::int"))
        except DBAPIError as error:
            refused = str(error.orig)
        assert before is None
        assert after is None
        assert "invalid input syntax for type integer" in refused


async def claim_empty_tenant(engine: AsyncEngine) -> None:
    """Without `nullif` in the policy, a session without a tenant can store a row of the tenant `''`, on a connection that
    had a tenant before. With it, the `INSERT` is refused."""
    stored: dict[str, list[str]] = {}
    refused = ""
    new = insert(Customer).values(id=2, tenant=func.current_setting("app.tenant"), email="x@b.c")
    for name, setting in ("plain", "current_setting('app.tenant', true)"), ("nullif", SETTING):
        async with restricted(engine, setting) as app:
            one = create_async_engine(app.url, pool_size=1, max_overflow=0)
            async with session_of(one, "acme") as session:
                await session.execute(TENANT)
                await session.commit()
            async with AsyncSession(one) as session:
                try:
                    await session.execute(new)
                    await session.commit()
                except ProgrammingError as error:
                    refused = str(error.orig)
                    await session.rollback()
                stored[name] = list(await session.scalars(select(Customer.tenant)))
            await one.dispose()
        async with engine.begin() as connection:
            await connection.execute(delete(Customer))
            for table in Base.metadata.sorted_tables:
                await connection.execute(text(f"DROP POLICY own_rows ON {table.name}"))
    assert stored == {"plain": [""], "nullif": []}
    assert "violates row-level security policy" in refused


async def claim_wrong_tenant_on_insert(engine: AsyncEngine) -> None:
    """A policy with `USING` only also refuses an `INSERT` for another tenant."""
    async with restricted(engine) as app, session_of(app, "acme") as session:
        session.add(Customer(id=2, tenant="globex", email="x@b.c"))
        refused = ""
        try:
            await session.flush()
        except ProgrammingError as error:
            refused = str(error.orig)
        assert "violates row-level security policy" in refused


async def claim_autocommit(engine: AsyncEngine) -> None:
    """With `isolation_level="AUTOCOMMIT"`, the tenant that `after_begin` has set is gone before the next statement."""
    autocommit = engine.execution_options(isolation_level="AUTOCOMMIT")
    async with session_of(autocommit, "acme") as session:
        assert await session.scalar(TENANT) == ""


async def claim_savepoint(engine: AsyncEngine) -> None:
    """A savepoint that is rolled back leaves the tenant of the transaction as it was."""
    async with session_of(engine, "acme") as session:
        await session.execute(TENANT)
        savepoint = await session.begin_nested()
        await session.execute(TENANT)
        await savepoint.rollback()
        assert await session.scalar(TENANT) == "acme"


async def claim_forgotten(engine: AsyncEngine) -> None:
    """A `KeyError` in `after_begin` leaves no connection checked out once the session is closed."""
    assert isinstance(engine.pool, QueuePool)
    missing = None
    async with AsyncSession(engine, sync_session_class=TenantSession) as session:
        try:
            await session.execute(TENANT)
        except KeyError as error:
            missing = error
    assert missing is not None
    assert engine.pool.checkedout() == 0


async def claim_unique(engine: AsyncEngine) -> None:
    """A unique constraint without the tenant counts every tenant's rows: an email that only another tenant has is refused."""
    async with restricted(engine) as app, session_of(app, "acme") as session:
        seen = (await session.scalars(select(Customer))).all()
        session.add(Customer(id=2, tenant="acme", email="a@b.c"))
        refused = None
        try:
            await session.flush()
        except IntegrityError as error:
            refused = error
        assert seen == []
        assert refused is not None


async def claim_foreign_key(engine: AsyncEngine) -> None:
    """A foreign key may point to another tenant's row, because its check does not go through the policy. One over
    tenant and id refuses it."""
    async with restricted(engine) as app, session_of(app, "acme") as session:
        seen = (await session.scalars(select(Customer))).all()
        session.add(Order(id=1, tenant="acme", customer_id=1))
        await session.commit()
        order = await session.scalar(select(Order.customer_id))
        session.add(Payment(id=1, tenant="acme", customer_id=1))
        refused = None
        try:
            await session.flush()
        except IntegrityError as error:
            refused = error
        assert seen == []
        assert order == 1
        assert refused is not None


async def claim_one_pool(engine: AsyncEngine) -> None:
    """Engines made with `execution_options(schema_translate_map=…)` share the pool of the first."""
    acme = engine.execution_options(schema_translate_map={None: "acme"})
    globex = engine.execution_options(schema_translate_map={None: "globex"})
    assert acme.pool is engine.pool
    assert globex.pool is engine.pool


async def claim_text(engine: AsyncEngine) -> None:
    """`schema_translate_map` does not change the SQL of `text()`: without a schema in it, `text()` reads the table that the `search_path` finds."""
    async with engine.begin() as connection:
        await connection.execute(text("DROP SCHEMA IF EXISTS acme CASCADE"))
        await connection.execute(text("CREATE SCHEMA acme"))
        acme = await connection.execution_options(schema_translate_map={None: "acme"})
        await acme.run_sync(Base.metadata.create_all)
        await acme.execute(insert(Customer), {"id": 1, "tenant": "acme", "email": "a@b.c"})
        ids = (await acme.scalars(select(Customer.id))).all()
        unchanged = (await acme.scalars(text("SELECT id FROM tenant_customers"))).all()
        await connection.execute(text("DROP SCHEMA acme CASCADE"))
    assert ids == [1]
    assert unchanged == []


async def claim_search_path(engine: AsyncEngine) -> None:
    """`set_config('search_path', 'acme', true)` holds for `text()` too, until the commit."""
    name = text("SELECT current_schema()")
    async with AsyncSession(engine) as session:
        await session.execute(text("CREATE SCHEMA acme"))
        await session.commit()
        await session.execute(text("SELECT set_config('search_path', 'acme', true)"))
        before = await session.scalar(name)
        await session.commit()
        after = await session.scalar(name)
        await session.execute(text("DROP SCHEMA acme"))
        await session.commit()
        assert before == "acme"
        assert after == "public"


async def claim_one_cache_entry(engine: AsyncEngine) -> None:
    """A statement is compiled once, and not once for each tenant: two schemas share one entry of the cache."""
    cache: dict[object, object] = {}
    async with engine.begin() as connection:
        for schema in ("acme", "globex"):
            await connection.execute(text(f"DROP SCHEMA IF EXISTS {schema} CASCADE"))
            await connection.execute(text(f"CREATE SCHEMA {schema}"))
            tenant = await connection.execution_options(schema_translate_map={None: schema}, compiled_cache=None)
            await tenant.run_sync(Base.metadata.create_all)
        for schema in ("acme", "globex"):
            tenant = await connection.execution_options(schema_translate_map={None: schema}, compiled_cache=cache)
            await tenant.execute(select(Customer.id))
        for schema in ("acme", "globex"):
            await connection.exec_driver_sql(f"DROP SCHEMA {schema} CASCADE")
        assert len(cache) == 1


@asynccontextmanager
async def two_schemas(engine: AsyncEngine) -> AsyncIterator[None]:
    """A table with a native enum in the schemas acme and globex, each with a type of its own and one row."""
    async with engine.begin() as connection:
        for schema in ("acme", "globex"):
            await connection.execute(text(f"DROP SCHEMA IF EXISTS {schema} CASCADE"))
            await connection.execute(text(f"CREATE SCHEMA {schema}"))
            tenant = await connection.execution_options(schema_translate_map={None: schema})
            await tenant.run_sync(PARCELS.metadata.create_all)
            await tenant.execute(insert(PARCELS), {"id": 1, "state": "packed"})
    try:
        yield
    finally:
        async with engine.begin() as connection:
            await connection.execute(text("DROP SCHEMA acme, globex CASCADE"))


async def claim_translated_enum(engine: AsyncEngine) -> None:
    """With `schema_translate_map`, two tenants read a native enum of their own schemas on one connection, eight times each."""
    one = create_async_engine(engine.url, pool_size=1, max_overflow=0)
    read = 0
    async with two_schemas(engine):
        for schema in ("acme", "globex") * 8:
            async with one.execution_options(schema_translate_map={None: schema}).begin() as connection:
                read += len((await connection.scalars(select(PARCELS.c.state))).all())
        await one.dispose()
    assert read == 16


async def claim_not_prepared(engine: AsyncEngine) -> None:
    """With `prepared_statement_cache_size=0` for asyncpg, or `prepare_threshold=None` for psycopg, in `connect_args`, a
    native enum works with `search_path`, too."""
    not_prepared: dict[str, dict[str, Any]] = {
        "asyncpg": {"prepared_statement_cache_size": 0}, "psycopg": {"prepare_threshold": None}
    }
    connect_args = not_prepared[engine.url.get_driver_name()]
    one = create_async_engine(engine.url, pool_size=1, max_overflow=0, connect_args=connect_args)
    read = 0
    async with two_schemas(engine):
        for schema in ("acme", "globex") * 8:
            async with one.begin() as connection:
                await connection.execute(text("SELECT set_config('search_path', :schema, true)"), {"schema": schema})
                read += len((await connection.scalars(select(PARCELS.c.state))).all())
        await one.dispose()
    assert read == 16


async def reason_against(claim: Callable[[AsyncEngine], Awaitable[None]]) -> str:
    """Why a claim does not hold here, or nothing."""
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        await claim(engine)
    except Exception as error:
        line = traceback.extract_tb(error.__traceback__)[-1].line
        return f"{type(error).__name__}: {str(error).partition(chr(10))[0] or line}"
    finally:
        await engine.dispose()
    return ""


async def main() -> None:
    for name, claim in list(globals().items()):
        if name.startswith("claim_"):
            sentence, against = " ".join(claim.__doc__.split()), await reason_against(claim)
            print(f"does not hold: {sentence} ({against})" if against else f"holds: {sentence}")
    engine = create_async_engine(DATABASE_URL)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)  # Out of the way of a file that has some of these tables.
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
