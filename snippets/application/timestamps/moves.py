# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from sqlalchemy import DateTime, ForeignKey, func, select, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")
insert = postgresql.insert if DATABASE_URL.startswith("postgresql") else sqlite.insert
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


class Base(DeclarativeBase):
    type_annotation_map = {datetime: DateTime(timezone=True)}


# --8<-- [start:model]
class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    note: Mapped[str]
    by_onupdate: Mapped[datetime] = mapped_column(onupdate=func.now())
    by_function: Mapped[datetime] = mapped_column(onupdate=lambda: datetime.now(UTC))
    by_trigger: Mapped[datetime] = mapped_column(server_onupdate=func.now())
    items: Mapped[list["Item"]] = relationship(lazy="selectin")


# --8<-- [end:model]


class Item(Base):
    __tablename__ = "items"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))


# --8<-- [start:trigger]
FUNCTION = """
    CREATE OR REPLACE FUNCTION set_by_trigger() RETURNS trigger AS $$
    BEGIN
        NEW.by_trigger = now();
        RETURN NEW;
    END $$ LANGUAGE plpgsql
"""
TRIGGER = """
    CREATE TRIGGER set_by_trigger BEFORE UPDATE ON orders
    FOR EACH ROW EXECUTE FUNCTION set_by_trigger()
"""
# --8<-- [end:trigger]
ON_SQLITE = """
    CREATE TRIGGER set_by_trigger AFTER UPDATE ON orders BEGIN
        UPDATE orders SET by_trigger = datetime() WHERE id = NEW.id;
    END
"""


OLD_TIMES = dict.fromkeys(("by_onupdate", "by_function", "by_trigger"), LONG_AGO)


# --8<-- [start:ways]
async def change(session: AsyncSession) -> None:
    order = await session.get_one(Order, 1)
    order.note = "paid"


async def same_value(session: AsyncSession) -> None:
    order = await session.get_one(Order, 1)
    order.note = "open"


async def add_item(session: AsyncSession) -> None:
    order = await session.get_one(Order, 1)
    order.items.append(Item(id=1))


async def update_statement(session: AsyncSession) -> None:
    await session.execute(update(Order).where(Order.id == 1).values(note="paid"))


async def update_by_key(session: AsyncSession) -> None:
    await session.execute(update(Order), [{"id": 1, "note": "paid"}])


async def on_conflict(session: AsyncSession) -> None:
    upsert = insert(Order).values({"id": 1, "note": "paid", **OLD_TIMES})
    await session.execute(upsert.on_conflict_do_update(index_elements=["id"], set_={"note": "paid"}))


async def on_conflict_with_times(session: AsyncSession) -> None:
    upsert = insert(Order).values({"id": 1, "note": "paid", **OLD_TIMES})
    changes = {"note": "paid", "by_onupdate": func.now(), "by_function": datetime.now(UTC)}
    await session.execute(upsert.on_conflict_do_update(index_elements=["id"], set_=changes))


async def with_text(session: AsyncSession) -> None:
    await session.execute(text("UPDATE orders SET note = 'paid' WHERE id = 1"))


# --8<-- [end:ways]
WAYS: dict[str, Callable[[AsyncSession], Awaitable[None]]] = {
    "change an attribute": change,
    "assign the value that it has": same_value,
    "add a related row": add_item,
    "`update()`": update_statement,
    "`update()` with a list of dictionaries": update_by_key,
    "`on_conflict_do_update`": on_conflict,
    "the same, with both columns in `set_`": on_conflict_with_times,
    "`text()`": with_text,
}


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    session_factory = async_sessionmaker(engine, expire_on_commit=False)
    columns = Order.by_onupdate, Order.by_function, Order.by_trigger

    async def moved(way: Callable[[AsyncSession], Awaitable[None]]) -> list[str]:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
            triggers = [FUNCTION, TRIGGER] if engine.dialect.name == "postgresql" else [ON_SQLITE]
            for statement in triggers:
                await connection.execute(text(statement))
        async with session_factory.begin() as session:
            session.add(Order(id=1, note="open", **OLD_TIMES))
        async with session_factory.begin() as session:
            await way(session)
        async with session_factory() as session:
            times = (await session.execute(select(*columns))).one()
        return ["new" if time.year > LONG_AGO.year else "**old**" for time in times]

    try:
        # --8<-- [start:table]
        print("what the code does | `onupdate=func.now()` | `onupdate=` a function | trigger")
        #> what the code does | `onupdate=func.now()` | `onupdate=` a function | trigger
        for name, way in WAYS.items():
            by_onupdate, by_function, by_trigger = await moved(way)
            print(f"{name} | {by_onupdate} | {by_function} | {by_trigger}")
            #> change an attribute | new | new | new
            #> assign the value that it has | **old** | **old** | **old**
            #> add a related row | **old** | **old** | **old**
            #> `update()` | new | new | new
            #> `update()` with a list of dictionaries | new | new | new
            #> `on_conflict_do_update` | **old** | **old** | new
            #> the same, with both columns in `set_` | new | new | new
            #> `text()` | **old** | **old** | new
        # --8<-- [end:table]
    finally:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
