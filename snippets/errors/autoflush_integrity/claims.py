# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import traceback
from collections.abc import Awaitable, Callable

from sqlalchemy import ForeignKey, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Customer(Base):
    __tablename__ = "customers"

    id: Mapped[int] = mapped_column(primary_key=True)
    address: Mapped[str | None] = mapped_column(unique=True)
    orders: Mapped[list["Order"]] = relationship(back_populates="customer")


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id"))
    customer: Mapped["Customer | None"] = relationship(back_populates="orders")


async def claim_duplicate(engine: AsyncEngine) -> None:
    """A duplicate in the session can be reported at a query in the same way, with `Query-invoked autoflush` in the text."""
    async with AsyncSession(engine) as session:
        session.add(Customer(id=1, address="ada@example.com"))
        await session.commit()
        session.add(Customer(id=2, address="ada@example.com"))
        error = None
        try:
            await session.scalars(select(Order))
        except IntegrityError as raised:
            error = raised
        assert "Query-invoked autoflush" in str(error)


async def claim_cascade(engine: AsyncEngine) -> None:
    """`customer.orders.append(order)` brings the order into the customer's session. `order.customer = customer` does not."""
    async with AsyncSession(engine) as session:
        customer = Customer(id=1, orders=[])
        session.add(customer)
        appended, assigned = Order(id=1), Order(id=2)
        customer.orders.append(appended)
        assigned.customer = customer
        assert appended in session
        assert assigned not in session
        session.expunge_all()


async def claim_text(engine: AsyncEngine) -> None:
    """A query written with `text()` flushes first too."""
    async with AsyncSession(engine) as session:
        customer = Customer(id=1)
        session.add(customer)
        await session.execute(text("SELECT 1"))
        assert customer not in session.new, "the object waits for the next flush"


async def claim_autoflush_off(engine: AsyncEngine) -> None:
    """With `autoflush=False` a query does not find a row that was added before it in the same session."""
    async with AsyncSession(engine, autoflush=False) as session:
        session.add(Customer(id=1, address="ada@example.com"))
        assert (await session.scalars(select(Customer))).all() == []
        await session.flush()
        assert len((await session.scalars(select(Customer))).all()) == 1


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
