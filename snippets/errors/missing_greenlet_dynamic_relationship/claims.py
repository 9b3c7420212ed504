# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# also: sqlalchemy==2.0.*
import asyncio
import os
import traceback
from collections.abc import Awaitable, Callable

from sqlalchemy import ForeignKey
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    DynamicMapped,
    Mapped,
    Session,
    WriteOnlyMapped,
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


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id"))


async def store(engine: AsyncEngine) -> None:
    async with AsyncSession(engine) as session, session.begin():
        session.add_all([User(id=1), Customer(id=1), Order(id=1), Order(id=2)])


async def claim_test_finds_dynamic(engine: AsyncEngine) -> None:
    """A test finds each of them: walk `Base.registry.mappers` and compare the `lazy` of their `relationships` with `"dynamic"`."""
    found = [
        str(relation)
        for mapper in Base.registry.mappers
        for relation in mapper.relationships
        if relation.lazy == "dynamic"
    ]
    assert found == ["User.all_orders"]


async def claim_run_sync(engine: AsyncEngine) -> None:
    """Inside `session.run_sync()` a dynamic relationship works."""
    await store(engine)

    def read(session: Session) -> int:
        return session.get_one(User, 1).all_orders.count()

    async with AsyncSession(engine) as session:
        assert await session.run_sync(read) == 0


async def claim_delete_of_the_parent(engine: AsyncEngine) -> None:
    """The parent of a write-only relationship cannot be deleted through the session: the flush raises InvalidRequestError."""
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
    """With `relationship(passive_deletes=True)` it can."""
    await store(engine)
    async with AsyncSession(engine) as session:
        await session.delete(await session.get_one(Customer, 1))
        await session.commit()
        assert await session.get(Customer, 1) is None


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


if __name__ == "__main__":
    asyncio.run(main())
