# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# raises: sqlalchemy.exc.InvalidRequestError
import asyncio
import importlib
import os
import sys
import tempfile
from pathlib import Path

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")

# --8<-- [start:files]
FILES = {
    "models/base.py": """
from sqlalchemy.orm import DeclarativeBase

class Base(DeclarativeBase):
    pass
""",
    "models/orders.py": """
from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column
from models.base import Base

class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
""",
    "models/customers.py": """
from typing import TYPE_CHECKING
from sqlalchemy.orm import Mapped, mapped_column, relationship
from models.base import Base

if TYPE_CHECKING:
    from models.orders import Order

class Customer(Base):
    __tablename__ = "customers"

    id: Mapped[int] = mapped_column(primary_key=True)
    orders: Mapped[list["Order"]] = relationship()
""",
    "models/__init__.py": """
from models.customers import Customer
""",
}
# --8<-- [end:files]


# --8<-- [start:query]
async def list_customers(engine: AsyncEngine) -> None:
    models = importlib.import_module("models")  # import models
    async with engine.begin() as connection:
        await connection.run_sync(models.base.Base.metadata.create_all)

    async with async_sessionmaker(engine)() as session:
        print((await session.scalars(select(models.Customer))).all())


# --8<-- [end:query]


def write(folder: str) -> None:
    Path(folder, "models").mkdir()
    for name, source in FILES.items():
        Path(folder, name).write_text(source)


async def drop(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        for table in "orders", "customers":
            await connection.execute(text(f"DROP TABLE IF EXISTS {table}"))


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        with tempfile.TemporaryDirectory() as folder:
            write(folder)
            sys.path.insert(0, folder)
            await drop(engine)
            await list_customers(engine)
    finally:
        await drop(engine)
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
