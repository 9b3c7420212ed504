# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio

from sqlalchemy import ForeignKey
from sqlalchemy.orm import DeclarativeBase, Mapped, MappedAsDataclass, mapped_column


class Base(MappedAsDataclass, DeclarativeBase):
    pass


class Customer(Base):
    __tablename__ = "customers"

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    email: Mapped[str]


# --8<-- [start:dataclass]
class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))


async def place_order() -> None:
    try:
        Order()  # type: ignore[call-arg]
    except TypeError as error:
        print(str(error).partition("() ")[2])
        #> missing 1 required positional argument: 'customer_id'


# --8<-- [end:dataclass]


if __name__ == "__main__":
    asyncio.run(place_order())
