# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os

from sqlalchemy import ForeignKey
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship, selectinload
from would_load import would_load

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


# --8<-- [start:model]
class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    status: Mapped[str]
    notes: Mapped[str] = mapped_column(deferred=True)
    items: Mapped[list["Item"]] = relationship(back_populates="order")


class Item(Base):
    __tablename__ = "items"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    name: Mapped[str]
    order: Mapped[Order] = relationship(back_populates="items")
    # --8<-- [end:model]


# --8<-- [start:ask]
async def look_at_one(session: AsyncSession) -> None:
    order = await session.get_one(Order, 1)
    print(would_load(order))
    #> {'notes': 'deferred', 'items': 'not loaded'}
    session.expire(order, ["status"])
    print(would_load(order))
    #> {'status': 'expired', 'notes': 'deferred', 'items': 'not loaded'}


async def look_at_its_items(session: AsyncSession) -> None:
    order = await session.get_one(Order, 1, options=[selectinload(Order.items)])
    session.expire(order.items[0], ["name"])
    print(would_load(order))
    #> {'notes': 'deferred', 'items[].name': 'expired'}
    print(would_load(order, depth=0))
    #> {'notes': 'deferred'}
    # --8<-- [end:ask]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with AsyncSession(engine) as session, session.begin():
        session.add(Order(id=1, status="open", notes="gift", items=[Item(name="Kettle")]))
    async with AsyncSession(engine) as session:
        await look_at_one(session)
    async with AsyncSession(engine) as session:
        await look_at_its_items(session)
    await engine.dispose()


asyncio.run(main())
