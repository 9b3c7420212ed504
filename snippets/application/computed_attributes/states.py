# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import warnings
from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import Computed, ForeignKey, func, select
from sqlalchemy.exc import MissingGreenlet, StatementError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import DeclarativeBase, Mapped, column_property, mapped_column, relationship

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")
warnings.filterwarnings("ignore", "coroutine .* was never awaited")


class Base(DeclarativeBase):
    pass


class Item(Base):
    __tablename__ = "items"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    price: Mapped[int]


# --8<-- [start:model]
class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    quantity: Mapped[int] = mapped_column()
    items: Mapped[list[Item]] = relationship()
    computed: Mapped[int] = mapped_column(Computed("quantity * 2"))
    from_column: Mapped[int] = column_property(quantity * 2)
    from_table: Mapped[int] = column_property(
        select(func.count(Item.id)).where(Item.order_id == id).scalar_subquery()
    )

    @hybrid_property
    def hybrid_column(self) -> int:
        return self.quantity * 2

    @hybrid_property
    def hybrid_items(self) -> int:
        return len(self.items)


# --8<-- [end:model]
ATTRIBUTES = {
    "hybrid_column": "hybrid of a column",
    "from_column": "`column_property` of a column",
    "from_table": "`column_property` of a query",
    "computed": "`Computed`",
    "hybrid_items": "hybrid of a relationship",
}
RAISES = "**raises**"
COUNTS = "hybrid_items", "from_table"


# --8<-- [start:states]
async def inserted(session: AsyncSession) -> Order:
    order = Order(id=2, quantity=3)
    session.add(order)
    await session.flush()
    return order


async def loaded(session: AsyncSession) -> Order:
    return await session.get_one(Order, 1)


async def changed(session: AsyncSession) -> Order:
    order = await session.get_one(Order, 1)
    order.quantity = 9
    return order


async def updated(session: AsyncSession) -> Order:
    order = await session.get_one(Order, 1)
    order.quantity = 9
    await session.flush()
    return order


async def item_added(session: AsyncSession) -> Order:
    order = await session.get_one(Order, 1)
    session.add(Item(id=2, order_id=1, price=7))
    await session.flush()
    return order


# --8<-- [end:states]


def read(order: Order, name: str) -> Any:
    try:
        return getattr(order, name)
    except (MissingGreenlet, StatementError):
        return RAISES


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    session_factory = async_sessionmaker(engine, expire_on_commit=False)

    async def outcomes(state: Callable[[AsyncSession], Awaitable[Order]]) -> list[str]:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        async with session_factory.begin() as session:
            session.add(Order(id=1, quantity=3, items=[Item(id=1, price=5)]))
        async with session_factory() as session:
            order = await state(session)
            items = select(func.count(Item.id)).where(Item.order_id == order.id)
            with session.no_autoflush:
                count, double = await session.scalar(items), order.quantity * 2
            values = {name: read(order, name) for name in ATTRIBUTES}
        right = {name: count if name in COUNTS else double for name in ATTRIBUTES}
        return [
            values[name] if values[name] == RAISES else "right" if values[name] == right[name] else "**old**"
            for name in ATTRIBUTES
        ]

    try:
        columns = [await outcomes(state) for state in (inserted, loaded, changed, updated, item_added)]
        # --8<-- [start:table]
        print("attribute | after `INSERT` | loaded | changed | after `UPDATE` | an item was added")
        #> attribute | after `INSERT` | loaded | changed | after `UPDATE` | an item was added
        for kind, *cells in zip(ATTRIBUTES.values(), *columns, strict=True):
            print(f"{kind} | {' | '.join(cells)}")
            #> hybrid of a column | right | right | right | right | right
            #> `column_property` of a column | **raises** | right | **old** | **raises** | right
            #> `column_property` of a query | **raises** | right | right | **raises** | **old**
            #> `Computed` | right | right | **old** | **raises** | right
            #> hybrid of a relationship | **raises** | **raises** | **raises** | **raises** | **raises**
        # --8<-- [end:table]
    finally:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
