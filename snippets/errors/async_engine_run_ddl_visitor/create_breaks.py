# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# raises: AttributeError
import asyncio
import os

from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Invoice(Base):
    __tablename__ = "invoices"

    id: Mapped[int] = mapped_column(primary_key=True)
    cents: Mapped[int]


# --8<-- [start:create]
async def create_tables(engine: AsyncEngine) -> None:
    Base.metadata.create_all(engine)  # type: ignore[arg-type]


# --8<-- [end:create]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        await create_tables(engine)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
