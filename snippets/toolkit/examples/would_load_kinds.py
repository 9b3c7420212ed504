# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
from dataclasses import dataclass

from sqlalchemy import ForeignKey
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import (
    DeclarativeBase,
    DynamicMapped,
    Mapped,
    WriteOnlyMapped,
    composite,
    mapped_column,
    relationship,
    synonym,
)
from would_load import would_load

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Customer(Base):
    __tablename__ = "customers"

    id: Mapped[int] = mapped_column(primary_key=True)


# --8<-- [start:model]
@dataclass
class Point:
    x: int | None
    y: int | None


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    status: Mapped[str]
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id"))
    plain: Mapped[Customer | None] = relationship()
    on_sql: Mapped[Customer | None] = relationship(
        lazy="raise_on_sql", viewonly=True
    )
    closed: Mapped[Customer | None] = relationship(lazy="raise", viewonly=True)
    sent: WriteOnlyMapped["Parcel"] = relationship(overlaps="returned")
    returned: DynamicMapped["Parcel"] = relationship(overlaps="sent")
    place: Mapped[Point] = composite(mapped_column("x"), mapped_column("y"))
    state: Mapped[str] = synonym("status")

    @hybrid_property
    def title(self) -> str:
        return self.status.title()
    # --8<-- [end:model]


class Parcel(Base):
    __tablename__ = "parcels"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))


# --8<-- [start:ask]
async def ask(session: AsyncSession) -> None:
    order = await session.get_one(Order, 1)
    print(list(would_load(order)))
    #> ['plain', 'on_sql', 'closed']

    # Now the target is in the session.
    customer = await session.get_one(Customer, 1)
    print(list(would_load(order)))
    #> ['closed']
    try:
        print(order.closed is customer)
    except InvalidRequestError as error:
        print(error)
        #> 'Order.closed' is not available due to lazy='raise'

    session.expire(customer)
    print(list(would_load(order)))
    #> ['plain', 'on_sql', 'closed']

    order.customer_id = None
    print(list(would_load(order)))
    #> ['closed']

    session.expire(order, ["x", "status"])
    print(list(would_load(order)))
    #> ['status', 'x', 'closed', 'place', 'state']
    # --8<-- [end:ask]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with AsyncSession(engine) as session, session.begin():
        session.add(Customer(id=1))
        await session.flush()
        session.add(Order(id=1, status="open", customer_id=1, place=Point(1, 2)))
    async with AsyncSession(engine) as session:
        await ask(session)
    await engine.dispose()


asyncio.run(main())
