# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import warnings

from sqlalchemy import ForeignKey, func, select, text, update
from sqlalchemy.exc import MissingGreenlet, StatementError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship, selectinload
from sqlalchemy.orm.exc import DetachedInstanceError

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Line(Base):
    __tablename__ = "lines"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))


class Invoice(Base):
    __tablename__ = "invoices"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))


# --8<-- [start:model]
class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    status: Mapped[str] = mapped_column(default="new")
    customer: Mapped[str]
    lines: Mapped[list[Line]] = relationship()
    invoices: Mapped[list[Invoice]] = relationship()
    note: Mapped[str] = mapped_column(default="", deferred=True)
    revision: Mapped[int] = mapped_column(server_default="1", onupdate=text("revision + 1"))


# --8<-- [end:model]
async def load(session: AsyncSession) -> Order:
    """Load an order of Ada's with one line; then somebody else makes it Grace's, with two."""
    order = await session.get_one(Order, 1, options=[selectinload(Order.lines)])
    async with AsyncSession(session.bind) as other_session, other_session.begin():
        await other_session.execute(update(Order).values(customer="Grace", revision=100))
        other_session.add(Line(order_id=1))
    return order


def attempt(order: Order, name: str) -> object:
    try:
        value = getattr(order, name)
    except StatementError as error:
        return type(error.orig).__name__
    except (MissingGreenlet, DetachedInstanceError) as error:
        return type(error).__name__
    return len(value) if isinstance(value, list) else value


Factory = async_sessionmaker[AsyncSession]


# --8<-- [start:load]
async def after_load(session_factory: Factory) -> None:
    async with session_factory() as session:
        order = await load(session)
        print(attempt(order, "customer"))
        #> Ada
        print(attempt(order, "lines"))
        #> 1
        print(attempt(order, "invoices"))
        #> MissingGreenlet
        print(attempt(order, "note"))
        #> MissingGreenlet
        print(attempt(order, "revision"))
        #> 1
    print(attempt(order, "customer"))
    #> Ada
    print(attempt(order, "lines"))
    #> 1
    print(attempt(order, "invoices"))
    #> DetachedInstanceError
    print(attempt(order, "note"))
    #> DetachedInstanceError
    print(attempt(order, "revision"))
    #> 1


# --8<-- [end:load]
# --8<-- [start:flush]
async def after_flush(session_factory: Factory) -> None:
    async with session_factory() as session:
        order = await load(session)
        order.status = "paid"
        await session.flush()
        print(attempt(order, "customer"))
        #> Ada
        print(attempt(order, "lines"))
        #> 1
        print(attempt(order, "invoices"))
        #> MissingGreenlet
        print(attempt(order, "note"))
        #> MissingGreenlet
        print(attempt(order, "revision"))
        #> MissingGreenlet
    print(attempt(order, "customer"))
    #> Ada
    print(attempt(order, "lines"))
    #> 1
    print(attempt(order, "invoices"))
    #> DetachedInstanceError
    print(attempt(order, "note"))
    #> DetachedInstanceError
    print(attempt(order, "revision"))
    #> DetachedInstanceError


# --8<-- [end:flush]
# --8<-- [start:commit]
async def after_commit(session_factory: Factory) -> None:
    async with session_factory() as session:
        order = await load(session)
        order.status = "paid"
        await session.commit()
        print(attempt(order, "customer"))
        #> MissingGreenlet
        print(attempt(order, "lines"))
        #> MissingGreenlet
        print(attempt(order, "invoices"))
        #> MissingGreenlet
        print(attempt(order, "note"))
        #> MissingGreenlet
        print(attempt(order, "revision"))
        #> MissingGreenlet
    print(attempt(order, "customer"))
    #> DetachedInstanceError
    print(attempt(order, "lines"))
    #> DetachedInstanceError
    print(attempt(order, "invoices"))
    #> DetachedInstanceError
    print(attempt(order, "note"))
    #> DetachedInstanceError
    print(attempt(order, "revision"))
    #> DetachedInstanceError


# --8<-- [end:commit]
# --8<-- [start:rollback]
async def after_rollback(session_factory: Factory) -> None:
    async with session_factory() as session:
        order = await load(session)
        order.status = "paid"
        await session.flush()
        await session.rollback()
        print(attempt(order, "customer"))
        #> MissingGreenlet
        print(attempt(order, "lines"))
        #> MissingGreenlet
        print(attempt(order, "invoices"))
        #> MissingGreenlet
        print(attempt(order, "note"))
        #> MissingGreenlet
        print(attempt(order, "revision"))
        #> MissingGreenlet
    print(attempt(order, "customer"))
    #> DetachedInstanceError
    print(attempt(order, "lines"))
    #> DetachedInstanceError
    print(attempt(order, "invoices"))
    #> DetachedInstanceError
    print(attempt(order, "note"))
    #> DetachedInstanceError
    print(attempt(order, "revision"))
    #> DetachedInstanceError


# --8<-- [end:rollback]
# --8<-- [start:savepoint]
async def after_savepoint_rollback(session_factory: Factory) -> None:
    async with session_factory() as session:
        order = await load(session)
        async with session.begin_nested() as savepoint:
            order.status = "paid"
            await session.flush()
            await savepoint.rollback()
        print(attempt(order, "customer"))
        #> MissingGreenlet
        print(attempt(order, "lines"))
        #> MissingGreenlet
        print(attempt(order, "invoices"))
        #> MissingGreenlet
        print(attempt(order, "note"))
        #> MissingGreenlet
        print(attempt(order, "revision"))
        #> MissingGreenlet
    print(attempt(order, "customer"))
    #> DetachedInstanceError
    print(attempt(order, "lines"))
    #> DetachedInstanceError
    print(attempt(order, "invoices"))
    #> DetachedInstanceError
    print(attempt(order, "note"))
    #> DetachedInstanceError
    print(attempt(order, "revision"))
    #> DetachedInstanceError


# --8<-- [end:savepoint]
# --8<-- [start:savepoint-unchanged]
async def after_savepoint_rollback_without_it(session_factory: Factory) -> None:
    async with session_factory() as session:
        order = await load(session)
        async with session.begin_nested() as savepoint:
            await savepoint.rollback()
        print(attempt(order, "customer"))
        #> Ada
        print(attempt(order, "lines"))
        #> 1
        print(attempt(order, "invoices"))
        #> MissingGreenlet
        print(attempt(order, "note"))
        #> MissingGreenlet
        print(attempt(order, "revision"))
        #> 1
    print(attempt(order, "customer"))
    #> Ada
    print(attempt(order, "lines"))
    #> 1
    print(attempt(order, "invoices"))
    #> DetachedInstanceError
    print(attempt(order, "note"))
    #> DetachedInstanceError
    print(attempt(order, "revision"))
    #> 1


# --8<-- [end:savepoint-unchanged]
# --8<-- [start:refresh]
async def after_refresh(session_factory: Factory) -> None:
    async with session_factory() as session:
        order = await load(session)
        order.status = "paid"
        await session.commit()
        await session.refresh(order)
        print(attempt(order, "customer"))
        #> Grace
        print(attempt(order, "lines"))
        #> 2
        print(attempt(order, "invoices"))
        #> MissingGreenlet
        print(attempt(order, "note"))
        #> MissingGreenlet
        print(attempt(order, "revision"))
        #> 101
    print(attempt(order, "customer"))
    #> Grace
    print(attempt(order, "lines"))
    #> 2
    print(attempt(order, "invoices"))
    #> DetachedInstanceError
    print(attempt(order, "note"))
    #> DetachedInstanceError
    print(attempt(order, "revision"))
    #> 101


# --8<-- [end:refresh]
# --8<-- [start:expire]
async def after_expire(session_factory: Factory) -> None:
    async with session_factory() as session:
        order = await load(session)
        order.status = "paid"
        await session.flush()
        session.expire(order)
        print(attempt(order, "customer"))
        #> MissingGreenlet
        print(attempt(order, "lines"))
        #> MissingGreenlet
        print(attempt(order, "invoices"))
        #> MissingGreenlet
        print(attempt(order, "note"))
        #> MissingGreenlet
        print(attempt(order, "revision"))
        #> MissingGreenlet
    print(attempt(order, "customer"))
    #> DetachedInstanceError
    print(attempt(order, "lines"))
    #> DetachedInstanceError
    print(attempt(order, "invoices"))
    #> DetachedInstanceError
    print(attempt(order, "note"))
    #> DetachedInstanceError
    print(attempt(order, "revision"))
    #> DetachedInstanceError


# --8<-- [end:expire]
# --8<-- [start:expunge]
async def after_expunge(session_factory: Factory) -> None:
    async with session_factory() as session:
        order = await load(session)
        order.status = "paid"
        await session.flush()
        session.expunge(order)
        print(attempt(order, "customer"))
        #> Ada
        print(attempt(order, "lines"))
        #> 1
        print(attempt(order, "invoices"))
        #> DetachedInstanceError
        print(attempt(order, "note"))
        #> DetachedInstanceError
        print(attempt(order, "revision"))
        #> DetachedInstanceError
    print(attempt(order, "customer"))
    #> Ada
    print(attempt(order, "lines"))
    #> 1
    print(attempt(order, "invoices"))
    #> DetachedInstanceError
    print(attempt(order, "note"))
    #> DetachedInstanceError
    print(attempt(order, "revision"))
    #> DetachedInstanceError


# --8<-- [end:expunge]
# --8<-- [start:close]
async def after_close(session_factory: Factory) -> None:
    async with session_factory() as session:
        order = await load(session)
        order.status = "paid"
        await session.flush()
        await session.close()
        print(attempt(order, "customer"))
        #> Ada
        print(attempt(order, "lines"))
        #> 1
        print(attempt(order, "invoices"))
        #> DetachedInstanceError
        print(attempt(order, "note"))
        #> DetachedInstanceError
        print(attempt(order, "revision"))
        #> DetachedInstanceError
    print(attempt(order, "customer"))
    #> Ada
    print(attempt(order, "lines"))
    #> 1
    print(attempt(order, "invoices"))
    #> DetachedInstanceError
    print(attempt(order, "note"))
    #> DetachedInstanceError
    print(attempt(order, "revision"))
    #> DetachedInstanceError


# --8<-- [end:close]
# --8<-- [start:commit-kept]
async def after_commit_not_expired(session_factory: Factory) -> None:
    async with session_factory() as session:
        order = await load(session)
        order.status = "paid"
        await session.commit()
        print(attempt(order, "customer"))
        #> Ada
        print(attempt(order, "lines"))
        #> 1
        print(attempt(order, "invoices"))
        #> MissingGreenlet
        print(attempt(order, "note"))
        #> MissingGreenlet
        print(attempt(order, "revision"))
        #> MissingGreenlet
    print(attempt(order, "customer"))
    #> Ada
    print(attempt(order, "lines"))
    #> 1
    print(attempt(order, "invoices"))
    #> DetachedInstanceError
    print(attempt(order, "note"))
    #> DetachedInstanceError
    print(attempt(order, "revision"))
    #> DetachedInstanceError


# --8<-- [end:commit-kept]
# --8<-- [start:begin]
async def after_begin_block(session_factory: Factory) -> None:
    async with session_factory.begin() as session:
        order = await load(session)
        order.status = "paid"
    print(attempt(order, "customer"))
    #> DetachedInstanceError
    print(attempt(order, "lines"))
    #> DetachedInstanceError
    print(attempt(order, "invoices"))
    #> DetachedInstanceError
    print(attempt(order, "note"))
    #> DetachedInstanceError
    print(attempt(order, "revision"))
    #> DetachedInstanceError


# --8<-- [end:begin]
# --8<-- [start:begin-kept]
async def after_begin_block_not_expired(session_factory: Factory) -> None:
    async with session_factory.begin() as session:
        order = await load(session)
        order.status = "paid"
    print(attempt(order, "customer"))
    #> Ada
    print(attempt(order, "lines"))
    #> 1
    print(attempt(order, "invoices"))
    #> DetachedInstanceError
    print(attempt(order, "note"))
    #> DetachedInstanceError
    print(attempt(order, "revision"))
    #> DetachedInstanceError


# --8<-- [end:begin-kept]
# --8<-- [start:new]
async def new_order(session_factory: Factory) -> None:
    async with session_factory() as session:
        order = Order(customer="Ada")
        session.add(order)
        print(attempt(order, "revision"))
        #> None
        await session.flush()
        print(attempt(order, "revision"))
        #> 1
        await session.commit()
        print(attempt(order, "revision"))
        #> MissingGreenlet
    print(attempt(order, "revision"))
    #> DetachedInstanceError


# --8<-- [end:new]
# --8<-- [start:new-kept]
async def new_order_not_expired(session_factory: Factory) -> None:
    async with session_factory() as session:
        order = Order(customer="Ada")
        session.add(order)
        await session.commit()
        print(attempt(order, "revision"))
        #> 1
    print(attempt(order, "revision"))
    #> 1


# --8<-- [end:new-kept]
# --8<-- [start:new-undone]
async def undo_new_order(session_factory: Factory) -> None:
    async with session_factory() as session:
        order = Order(customer="Linus")
        session.add(order)
        await session.flush()
        await session.rollback()
        print(attempt(order, "revision"))
        #> 1
        print(await session.scalar(select(func.count()).where(Order.customer == "Linus")))
        #> 0
    print(attempt(order, "revision"))
    #> 1


# --8<-- [end:new-undone]
# --8<-- [start:new-expired]
async def expire_new_order(session_factory: Factory) -> None:
    async with session_factory() as session:
        order = Order(customer="Ada")
        session.add(order)
        await session.flush()
        session.expire(order)
        print(attempt(order, "revision"))
        #> MissingGreenlet
    print(attempt(order, "revision"))
    #> DetachedInstanceError


# --8<-- [end:new-expired]
# --8<-- [start:new-savepoint]
async def change_new_order_in_savepoint(session_factory: Factory) -> None:
    async with session_factory() as session:
        order = Order(customer="Ada")
        session.add(order)
        async with session.begin_nested() as savepoint:
            order.status = "paid"
            await session.flush()
            await savepoint.rollback()
        print(attempt(order, "revision"))
        #> MissingGreenlet
    print(attempt(order, "revision"))
    #> DetachedInstanceError


# --8<-- [end:new-savepoint]
# --8<-- [start:new-left]
async def leave_without_commit(session_factory: Factory) -> None:
    async with session_factory() as session:
        order = Order(customer="Linus")
        session.add(order)
        await session.flush()
        print(attempt(order, "revision"))
        #> 1
    print(attempt(order, "revision"))
    #> 1
    async with session_factory() as session:
        print(await session.scalar(select(func.count()).where(Order.customer == "Linus")))
        #> 0


# --8<-- [end:new-left]
async def main() -> None:
    # On SQLAlchemy 2.1 a read that fails on aiosqlite leaves a coroutine behind.
    warnings.filterwarnings("ignore", "coroutine .* was never awaited")
    engine = create_async_engine(DATABASE_URL)
    default = async_sessionmaker(engine)
    not_expiring = async_sessionmaker(engine, expire_on_commit=False)
    cases = [
        (after_load, default),
        (after_flush, default),
        (after_commit, default),
        (after_rollback, default),
        (after_savepoint_rollback, default),
        (after_savepoint_rollback_without_it, default),
        (after_refresh, default),
        (after_expire, default),
        (after_expunge, default),
        (after_close, default),
        (after_commit_not_expired, not_expiring),
        (after_begin_block, default),
        (after_begin_block_not_expired, not_expiring),
        (new_order, default),
        (new_order_not_expired, not_expiring),
        (undo_new_order, default),
        (expire_new_order, default),
        (change_new_order_in_savepoint, default),
        (leave_without_commit, default),
    ]
    try:
        for case, session_factory in cases:
            async with engine.begin() as connection:
                await connection.run_sync(Base.metadata.drop_all)
                await connection.run_sync(Base.metadata.create_all)
            async with AsyncSession(engine) as session, session.begin():
                session.add(Order(customer="Ada", lines=[Line()]))
            await case(session_factory)
    finally:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
