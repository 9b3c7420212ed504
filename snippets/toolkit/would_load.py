# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0"]
# ///
"""What would reading this object send to the database?

Copy this file into your project: it needs SQLAlchemy (2.0 or 2.1) and nothing else.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from typing import Any, Literal, TypeAlias

from sqlalchemy import inspect
from sqlalchemy.orm import InstanceState, PassiveFlag
from sqlalchemy.orm.base import LoaderCallableStatus

Reason: TypeAlias = Literal["expired", "deferred", "not loaded"]
"""`"expired"`: the value was dropped, by a commit, a rollback, a flush or `expire()`.
`"deferred"`: a column that the query left out. `"not loaded"`: a relationship."""


def would_load(obj: object, depth: int = 2) -> dict[str, Reason]:
    """Name every attribute whose reading would need SQL, and say why. Sends none itself.

    Under asyncio, reading such an attribute raises `MissingGreenlet`, or `DetachedInstanceError`
    once the session is closed. So look here before an object leaves the code that has the session:

    ```python
    import asyncio
    import os

    from sqlalchemy import ForeignKey
    from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
    from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship, selectinload
    from would_load import would_load


    class Base(DeclarativeBase):
        pass


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


    async def main() -> None:
        engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
        async with AsyncSession(engine) as session:
            session.add(Order(id=1, status="open", notes="gift", items=[Item(name="Kettle")]))
            await session.commit()

        async with AsyncSession(engine) as session:
            order = await session.get_one(Order, 1)
            print(would_load(order))
            #> {'notes': 'deferred', 'items': 'not loaded'}
            session.expire(order, ["status"])
            print(would_load(order))
            #> {'status': 'expired', 'notes': 'deferred', 'items': 'not loaded'}

        async with AsyncSession(engine) as session:
            order = await session.get_one(Order, 1, options=[selectinload(Order.items)])
            session.expire(order.items[0], ["name"])
            print(would_load(order))
            #> {'notes': 'deferred', 'items[].name': 'expired'}
        await engine.dispose()


    asyncio.run(main())
    ```

    In a test, ask for the fields that the caller reads. What is printed here would have raised
    there:

    ```python
    import asyncio
    import os

    from sqlalchemy import func
    from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
    from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
    from would_load import would_load


    class Base(DeclarativeBase):
        pass


    class Invoice(Base):
        __tablename__ = "invoices"
        id: Mapped[int] = mapped_column(primary_key=True)
        status: Mapped[str]
        pdf: Mapped[bytes | None] = mapped_column(deferred=True)
        updated_at: Mapped[str | None] = mapped_column(onupdate=func.lower("NOW"))


    async def pay(session: AsyncSession, invoice: Invoice) -> Invoice:
        invoice.status = "paid"
        await session.commit()
        return invoice


    async def test_pay_returns_a_complete_invoice() -> None:
        engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
        async with AsyncSession(engine, expire_on_commit=False) as session:
            session.add(Invoice(id=1, status="open"))
            await session.flush()
            invoice = await pay(session, await session.get_one(Invoice, 1))
            missing = would_load(invoice).keys() & {"id", "status", "updated_at"}
            print(missing)
            #> {'updated_at'}
        await engine.dispose()


    asyncio.run(test_pay_returns_a_complete_invoice())
    ```

    Args:
        obj: An instance of a mapped class.
        depth: How many loaded relationships to follow: 0 looks at this object only. Each object is
            looked at once, so it does not matter that items refer to their order.

    Returns:
        Paths and reasons, nearest first. `items[].name` stands for the name of at least one of the
            items. Empty: reading needs no database.

    A new object is empty here until it is flushed: what is unset reads as None or as an empty list.
    While the session is open, a many-to-one whose target is in it already, or whose foreign key is
    None, needs no SQL and is not named. What `lazy="raise"` forbids to load is named all the same.
    """
    state = inspect(obj, raiseerr=True)
    if not isinstance(state, InstanceState):
        raise TypeError(f"{obj!r} is not an instance of a mapped class")
    # --8<-- [start:walk]
    missing: dict[str, Reason] = {}
    seen = {id(obj)}
    waiting = deque([(state, "", depth)])
    while waiting:
        state, path, depth = waiting.popleft()
        for column in state.mapper.column_attrs:
            if _needs_sql(_in_memory(state, column.key)):
                missing.setdefault(path + column.key, _why(state, column.key, "deferred"))
        for relationship in state.mapper.relationships:
            key = relationship.key
            value = _in_memory(state, key)
            if _needs_sql(value):
                missing.setdefault(path + key, _why(state, key, "not loaded"))
            elif depth > 0:
                below = f"{path}{key}{'[]' if relationship.uselist else ''}."
                for related in _members(value, relationship.uselist):
                    if id(related) not in seen:
                        seen.add(id(related))
                        waiting.append((inspect(related), below, depth - 1))
    return missing
    # --8<-- [end:walk]


# --8<-- [start:in-memory]
# May run loaders, so that they say whether they need SQL; may not send it, nor fail if detached.
_WITHOUT_SQL = (
    PassiveFlag.CALLABLES_OK
    | PassiveFlag.RELATED_OBJECT_OK
    | PassiveFlag.NON_PERSISTENT_OK
    | PassiveFlag.NO_RAISE
)


def _in_memory(state: InstanceState[Any], key: str) -> Any:
    """Read an attribute as SQLAlchemy would, but without SQL."""
    return state.manager[key].impl.get(state, state.dict, _WITHOUT_SQL)


def _needs_sql(value: Any) -> bool:
    return value is LoaderCallableStatus.PASSIVE_NO_RESULT
    # --8<-- [end:in-memory]


def _why(state: InstanceState[Any], key: str, otherwise: Reason) -> Reason:
    return "expired" if key in state.expired_attributes else otherwise


def _members(value: Any, many: bool | None) -> Iterable[Any]:
    """The related objects, whatever kind of collection holds them."""
    if value is None or value is LoaderCallableStatus.NO_VALUE:
        return ()
    if not many:
        return (value,)
    return value.values() if isinstance(value, Mapping) else value
