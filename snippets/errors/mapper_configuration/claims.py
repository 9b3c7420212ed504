# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import traceback
from collections.abc import Awaitable, Callable

from sqlalchemy import ForeignKey
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, configure_mappers, mapped_column, relationship

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


def base_with_mistake() -> type[DeclarativeBase]:
    """`Customer` names a class that was not imported."""

    class Base(DeclarativeBase):
        pass

    class Customer(Base):
        __tablename__ = "customers"

        id: Mapped[int] = mapped_column(primary_key=True)
        orders = relationship("Order")

    return Base


def message(function: Callable[[], object]) -> str:
    try:
        function()
    except InvalidRequestError as error:
        return str(error)
    return "no error"


async def claim_configure(engine: AsyncEngine) -> None:
    """`configure_mappers()` raises it, with no query and no database. `create_all()` does not."""
    base = base_with_mistake()
    async with engine.begin() as connection:
        await connection.run_sync(base.metadata.create_all)
        await connection.run_sync(base.metadata.drop_all)
    found = message(configure_mappers)
    base.registry.dispose()
    assert "expression 'Order' failed to locate a name" in found


async def claim_other_base(engine: AsyncEngine) -> None:
    """A class of another `Base` is not found by its name, even if both have one `metadata`. `relationship(lambda: Order)` finds it."""

    class Base(DeclarativeBase):
        pass

    class OtherBase(DeclarativeBase):
        metadata = Base.metadata

    class Order(OtherBase):
        __tablename__ = "orders"

        id: Mapped[int] = mapped_column(primary_key=True)

    class Refund(Base):
        __tablename__ = "refunds"

        id: Mapped[int] = mapped_column(ForeignKey("orders.id"), primary_key=True)
        order = relationship(lambda: Order)

    assert message(lambda: Base.registry.configure(cascade=True)) == "no error"

    class Invoice(Base):
        __tablename__ = "invoices"

        id: Mapped[int] = mapped_column(ForeignKey("orders.id"), primary_key=True)
        order = relationship("Order")

    found = message(lambda: Base.registry.configure(cascade=True))
    Base.registry.dispose(cascade=True)
    OtherBase.registry.dispose()
    assert "expression 'Order' failed to locate a name" in found


async def claim_foreign_keys(engine: AsyncEngine) -> None:
    """With two foreign keys to one table, `relationship(foreign_keys="Order.customer_id")` says which one is meant."""

    class Base(DeclarativeBase):
        pass

    class Customer(Base):
        __tablename__ = "customers"

        id: Mapped[int] = mapped_column(primary_key=True)
        orders = relationship("Order", foreign_keys="Order.customer_id")

    class Order(Base):
        __tablename__ = "orders"

        id: Mapped[int] = mapped_column(primary_key=True)
        customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
        payer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))

    assert message(Base.registry.configure) == "no error"
    assert [column.name for column in Customer.orders.property.remote_side] == ["customer_id"]
    Base.registry.dispose()


async def reason_against(claim: Callable[[AsyncEngine], Awaitable[None]]) -> str:
    """Why a claim does not hold here, or nothing."""
    engine = create_async_engine(DATABASE_URL)
    try:
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
