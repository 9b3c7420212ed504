# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite has no read-only transaction and no replicas)
import asyncio
import os
import sys
import traceback
from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import Executable, Select, insert, select, text
from sqlalchemy.exc import DBAPIError, InternalError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from sqlalchemy.pool import QueuePool

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


class Base(DeclarativeBase):
    pass


class Product(Base):
    __tablename__ = "replica_products"

    id: Mapped[int] = mapped_column(primary_key=True)


class Order(Base):
    __tablename__ = "replica_orders"

    id: Mapped[int] = mapped_column(primary_key=True)


class Stock(Base):
    __tablename__ = "replica_stock"

    id: Mapped[int] = mapped_column(primary_key=True)
    pieces: Mapped[int]


READ_ONLY = {"postgresql_readonly": True}


async def refused(engine: AsyncEngine, statement: Executable) -> DBAPIError | None:
    async with AsyncSession(engine.execution_options(**READ_ONLY)) as session:
        try:
            await session.execute(statement)
        except DBAPIError as error:
            return error
    return None


async def claim_insert(engine: AsyncEngine) -> None:
    """A write on an engine with `postgresql_readonly=True` is refused with the SQLSTATE `25006`."""
    error = await refused(engine, insert(Product).values(id=1))
    assert getattr(error and error.orig, "sqlstate", None) == "25006"


async def claim_added(engine: AsyncEngine) -> None:
    """An object that was only added raises nothing there until a flush. The commit in the dependency flushes it, and raises."""
    read_only = engine.execution_options(**READ_ONLY)
    async with AsyncSession(read_only) as session:
        session.add(Product(id=1))
    error = None
    async with AsyncSession(read_only) as session:
        session.add(Product(id=1))
        try:
            await session.commit()
        except DBAPIError as raised:
            error = raised
    assert getattr(error and error.orig, "sqlstate", None) == "25006"


async def claim_class(engine: AsyncEngine) -> None:
    """That error is an `InternalError` of SQLAlchemy."""
    error = await refused(engine, insert(Product).values(id=1))
    assert isinstance(error, InternalError), f"it is a {type(error).__name__}"


async def claim_lock(engine: AsyncEngine) -> None:
    """`select().with_for_update()` and `nextval()` are refused there as well. `pg_notify()` is not."""
    lock = await refused(engine, select(Product).with_for_update())
    number = await refused(engine, text("SELECT nextval('replica_products_id_seq')"))
    notification = await refused(engine, text("SELECT pg_notify('products', '1')"))
    assert "cannot execute SELECT FOR UPDATE in a read-only transaction" in str(lock)
    assert "cannot execute nextval() in a read-only transaction" in str(number)
    assert notification is None


async def claim_autocommit(engine: AsyncEngine) -> None:
    """With `isolation_level="AUTOCOMMIT"`, `postgresql_readonly=True` has no effect: a write is stored, and nothing is raised."""
    autocommit = engine.execution_options(isolation_level="AUTOCOMMIT")
    error = await refused(autocommit, insert(Product).values(id=1))
    async with AsyncSession(engine) as session:
        stored = (await session.scalars(select(Product.id))).all()
    assert error is None
    assert stored == [1]


async def claim_two_connections(engine: AsyncEngine) -> None:
    """A session that uses two engines holds a connection of each until its commit."""
    other = create_async_engine(DATABASE_URL)
    assert isinstance(engine.pool, QueuePool)
    assert isinstance(other.pool, QueuePool)
    async with AsyncSession(binds={Product: engine, Order: other}) as session:
        await session.execute(select(Product))
        await session.execute(select(Order))
        held = engine.pool.checkedout(), other.pool.checkedout()
        await session.commit()
        after = engine.pool.checkedout(), other.pool.checkedout()
    await other.dispose()
    assert held == (1, 1)
    assert after == (0, 0)


async def claim_written_back(engine: AsyncEngine) -> None:
    """What such a session reads from the replica and then changes is written to the primary: 9 in the replica and 5 in the
    primary become 8 in the primary."""
    replica = engine.execution_options(schema_translate_map={None: "replica"})

    class Routing(Session):
        def get_bind(self, mapper: Any = None, *, clause: Any = None, **kw: Any) -> Any:
            if self._flushing or not isinstance(clause, Select):
                self.info["primary"] = True
            return engine.sync_engine if "primary" in self.info else replica.sync_engine

    async with engine.begin() as connection:
        await connection.execute(text("DROP SCHEMA IF EXISTS replica CASCADE"))
        await connection.execute(text("CREATE SCHEMA replica"))
        behind = await connection.execution_options(schema_translate_map={None: "replica"})
        await behind.run_sync(Base.metadata.create_all)
        await behind.execute(insert(Stock).values(id=1, pieces=9))
    async with engine.begin() as connection:
        await connection.execute(insert(Stock).values(id=1, pieces=5))
    async with AsyncSession(sync_session_class=Routing) as session:
        stock = (await session.scalars(select(Stock))).one()
        stock.pieces -= 1
        await session.commit()
    async with engine.begin() as connection:
        stored = await connection.scalar(select(Stock.pieces))
        await connection.execute(text("DROP SCHEMA replica CASCADE"))
    assert stored == 8


async def claim_two_phase(engine: AsyncEngine) -> None:
    """With `twophase=True`, a commit on a server with the default settings fails, and nothing is stored."""
    setting = error = None
    async with AsyncSession(engine, twophase=True) as session:
        setting = await session.scalar(text("SHOW max_prepared_transactions"))
        session.add(Product(id=1))
        try:
            await session.commit()
        except Exception as raised:
            error = raised
    async with AsyncSession(engine) as session:
        stored = (await session.scalars(select(Product.id))).all()
    assert setting == "0"
    assert error is not None
    assert stored == []


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
