# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
from collections.abc import Callable
from typing import Any

from sqlalchemy import MetaData, Table
from sqlalchemy.exc import NoInspectionAvailable
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Invoice(Base):
    __tablename__ = "invoices"

    id: Mapped[int] = mapped_column(primary_key=True)
    cents: Mapped[int]


CALLS: dict[str, Callable[[Any], object]] = {
    "`metadata.create_all(x)`": lambda bind: Base.metadata.create_all(bind),
    "`metadata.drop_all(x)`": lambda bind: Base.metadata.drop_all(bind),
    "`table.create(x)`": lambda bind: Invoice.metadata.tables["invoices"].create(bind),
    "`metadata.reflect(x)`": lambda bind: MetaData().reflect(bind),
    "`Table(..., autoload_with=x)`": lambda bind: Table("invoices", MetaData(), autoload_with=bind),
}


def outcome(call: Callable[[Any], object], bind: object) -> str:
    try:
        call(bind)
    except (AttributeError, NoInspectionAvailable) as error:
        return type(error).__name__
    return "works"


# --8<-- [start:table]
async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    async with engine.connect() as connection:
        print("call | `x` is the engine | `x` is the connection")
        #> call | `x` is the engine | `x` is the connection
        for name, call in CALLS.items():
            print(name, "|", outcome(call, engine), "|", outcome(call, connection))
            #> `metadata.create_all(x)` | AttributeError | AttributeError
            #> `metadata.drop_all(x)` | AttributeError | AttributeError
            #> `table.create(x)` | AttributeError | AttributeError
            #> `metadata.reflect(x)` | NoInspectionAvailable | NoInspectionAvailable
            #> `Table(..., autoload_with=x)` | NoInspectionAvailable | NoInspectionAvailable
    # --8<-- [end:table]
    # --8<-- [start:connection]
    async with engine.connect() as connection:
        try:
            Base.metadata.create_all(connection)  # type: ignore[arg-type]
        except AttributeError as error:
            print(error)
            #> 'AsyncConnection' object has no attribute '_run_ddl_visitor'
    # --8<-- [end:connection]
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
