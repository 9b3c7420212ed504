# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import importlib
import os
import sys
import tempfile
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")

# --8<-- [start:files]
FILES = {
    "shop/database.py": """
from sqlalchemy.orm import DeclarativeBase

class Base(DeclarativeBase):
    pass
""",
    "shop/models.py": """
from sqlalchemy.orm import Mapped, mapped_column
from shop.database import Base

class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
""",
    "shop/queries.py": """
from sqlalchemy import select
from shop.models import Order

ALL = select(Order)
""",
    "shop/main.py": """
from shop.models import Base, Order
from shop.queries import ALL
""",
}
# --8<-- [end:files]


# --8<-- [start:start]
async def start(engine: AsyncEngine, folder: str) -> None:
    sys.path[:0] = [f"{folder}/shop", folder]  # Like `PYTHONPATH=. python shop/main.py`
    main = importlib.import_module("main")

    async with engine.begin() as connection:
        await connection.run_sync(main.Base.metadata.drop_all)
        await connection.run_sync(main.Base.metadata.create_all)
    async with async_sessionmaker(engine)() as session:
        print((await session.scalars(main.ALL)).all())
        #> []


# --8<-- [end:start]


def write(folder: str) -> None:
    Path(folder, "shop").mkdir()
    for name, text in FILES.items():
        Path(folder, name).write_text(text)


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        with tempfile.TemporaryDirectory() as folder:
            write(folder)
            await start(engine, folder)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
