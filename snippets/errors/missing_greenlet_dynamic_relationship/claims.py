# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import traceback
from collections.abc import Awaitable, Callable

from sqlalchemy import ForeignKey, event, select
from sqlalchemy.exc import IntegrityError, InvalidRequestError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    DynamicMapped,
    Mapped,
    Session,
    WriteOnlyMapped,
    backref,
    mapped_column,
    relationship,
)

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    orders: WriteOnlyMapped["Order"] = relationship()
    all_orders: DynamicMapped["Order"] = relationship(viewonly=True)


class Customer(Base):
    __tablename__ = "customers"

    id: Mapped[int] = mapped_column(primary_key=True)
    orders: WriteOnlyMapped["Order"] = relationship(passive_deletes=True)


class Shop(Base):
    __tablename__ = "shops"

    id: Mapped[int] = mapped_column(primary_key=True)
    orders: WriteOnlyMapped["Order"] = relationship(passive_deletes=True)


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"))
    shop_id: Mapped[int | None] = mapped_column(ForeignKey("shops.id"))
    user: Mapped[User | None] = relationship(
        backref=backref("made_by_backref", lazy="dynamic", viewonly=True), viewonly=True
    )


async def store(engine: AsyncEngine) -> None:
    async with AsyncSession(engine) as session, session.begin():
        session.add_all([User(id=1), Customer(id=1), Shop(id=1)])
        await session.flush()
        session.add_all([Order(id=1, customer_id=1), Order(id=2, shop_id=1)])


async def check_foreign_keys(engine: AsyncEngine) -> None:
    if engine.dialect.name == "sqlite":
        await engine.dispose()
        event.listen(engine.sync_engine, "connect", lambda c, _: c.execute("PRAGMA foreign_keys = ON"))


async def claim_test_finds_dynamic(engine: AsyncEngine) -> None:
    """A test can list the dynamic relationships of all models of a `Base`: the `relationships` of `Base.registry.mappers` whose `lazy` is `"dynamic"`."""
    found = [
        str(relation)
        for mapper in Base.registry.mappers
        for relation in mapper.relationships
        if relation.lazy == "dynamic"
    ]
    assert sorted(found) == ["User.all_orders", "User.made_by_backref"]


async def claim_run_sync(engine: AsyncEngine) -> None:
    """Inside `session.run_sync()`, `count()` of a dynamic relationship works."""
    await store(engine)

    def read(session: Session) -> int:
        return session.get_one(User, 1).all_orders.count()

    async with AsyncSession(engine) as session:
        assert await session.run_sync(read) == 0


async def claim_delete_of_the_parent(engine: AsyncEngine) -> None:
    """With no `passive_deletes`, deleting the parent of a write-only relationship through the session fails: the flush raises InvalidRequestError."""
    await store(engine)
    async with AsyncSession(engine) as session:
        await session.delete(await session.get_one(User, 1))
        error = None
        try:
            await session.flush()
        except InvalidRequestError as raised:
            error = raised
        assert "can't load the existing state from the database" in str(error)


async def claim_passive_deletes(engine: AsyncEngine) -> None:
    """With `relationship(passive_deletes=True)` the parent can be deleted, and `ON DELETE CASCADE` deletes its children (on SQLite, after `PRAGMA foreign_keys = ON`)."""
    await store(engine)
    await check_foreign_keys(engine)
    async with AsyncSession(engine) as session:
        await session.delete(await session.get_one(Customer, 1))
        await session.commit()
        assert await session.get(Customer, 1) is None
        assert (await session.scalars(select(Order.id))).all() == [2]


async def claim_without_on_delete(engine: AsyncEngine) -> None:
    """With `passive_deletes=True` and no `ON DELETE` in the foreign key, the database refuses to delete a parent that has children (on SQLite, after `PRAGMA foreign_keys = ON`)."""
    await store(engine)
    await check_foreign_keys(engine)
    error = None
    async with AsyncSession(engine) as session:
        await session.delete(await session.get_one(Shop, 1))
        try:
            await session.flush()
        except IntegrityError as raised:
            error = raised
    assert "foreign key" in str(error).lower()



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
