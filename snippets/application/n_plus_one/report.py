# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import ForeignKey, event, select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship, selectinload

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Customer(Base):
    __tablename__ = "customers"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    orders: Mapped[list["Order"]] = relationship()


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    cents: Mapped[int]
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))


# --8<-- [start:service]
async def list_customers(session: AsyncSession) -> Sequence[Customer]:
    query = select(Customer).options(selectinload(Customer.orders))
    return (await session.scalars(query)).all()


# --8<-- [end:service]


# --8<-- [start:report]
async def totals(session: AsyncSession) -> dict[str, int]:
    report = {}
    for customer in await list_customers(session):
        report[customer.name] = sum(order.cents for order in customer.orders)
    return report


# --8<-- [end:report]


# --8<-- [start:counter]
@contextmanager
def statements(engine: AsyncEngine) -> Iterator[list[str]]:
    """What the engine sends while the block runs."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        sent.append(statement)

    event.listen(engine.sync_engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine.sync_engine, "before_cursor_execute", note)


# --8<-- [end:counter]


# --8<-- [start:test]
async def test_totals(engine: AsyncEngine, session: AsyncSession) -> None:
    with statements(engine) as sent:
        assert await totals(session) == {"Ada": 1200, "Grace": 300, "Edsger": 0}
    assert len(sent) <= 2, "\n".join([f"{len(sent)} statements:", *sent])


# --8<-- [end:test]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine, expire_on_commit=False)
        async with session_factory.begin() as session:
            session.add(Customer(id=1, name="Ada", orders=[Order(cents=500), Order(cents=700)]))
            session.add(Customer(id=2, name="Grace", orders=[Order(cents=300)]))
            session.add(Customer(id=3, name="Edsger", orders=[]))
        async with session_factory() as session:
            await test_totals(engine, session)
    finally:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
