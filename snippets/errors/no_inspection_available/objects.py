# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os

from sqlalchemy import inspect
from sqlalchemy.exc import NoInspectionAvailable
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Invoice(Base):
    __tablename__ = "invoices"

    id: Mapped[int] = mapped_column(primary_key=True)
    cents: Mapped[int]


# --8<-- [start:others]
class InvoiceOut:
    """A schema, not a mapped class."""


async def try_others(engine: AsyncEngine) -> None:
    for subject in (engine, InvoiceOut(), Invoice(id=1, cents=5)):
        try:
            answer = type(inspect(subject)).__name__
        except NoInspectionAvailable as error:
            answer = str(error).partition(". ")[0].partition(" <")[0]
        print(type(subject).__name__, "->", answer)
        #> AsyncEngine -> Inspection on an AsyncEngine is currently not supported
        #> InvoiceOut -> No inspection system is available for object of type
        #> Invoice -> InstanceState


# --8<-- [end:others]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        await try_others(engine)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
