# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite has no EXPLAIN ANALYZE)
import asyncio
import os
import sys
from typing import Any

from sqlalchemy import Connection, event, update
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


class Base(DeclarativeBase):
    pass


class Product(Base):
    __tablename__ = "products"

    id: Mapped[int] = mapped_column(primary_key=True)
    category: Mapped[int]
    stock: Mapped[int]


engine = create_async_engine(DATABASE_URL)


# --8<-- [start:keep]
slow: list[tuple[str, Any]] = []


def keep(
    connection: Connection, cursor: Any, statement: str, values: Any, context: Any, many: bool
) -> None:
    slow.append((statement, values))


# --8<-- [end:keep]


# --8<-- [start:explain]
async def explain(engine: AsyncEngine, statement: str, values: Any) -> list[str]:
    options = "ANALYZE, COSTS OFF, BUFFERS OFF, TIMING OFF, SUMMARY OFF"
    async with engine.connect() as connection:
        plan = await connection.exec_driver_sql(f"EXPLAIN ({options}) {statement}", values)
        await connection.rollback()
        return list(plan.scalars())


# --8<-- [end:explain]


async def main() -> None:
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        async with AsyncSession(engine) as session:
            session.add_all(Product(id=n, category=n % 100, stock=10) for n in range(3000))
            await session.commit()
        event.listen(engine.sync_engine, "after_cursor_execute", keep)
        async with AsyncSession(engine) as session:
            await session.execute(
                update(Product).where(Product.category == 7).values(stock=Product.stock - 1)
            )
            await session.commit()
        event.remove(engine.sync_engine, "after_cursor_execute", keep)
        # --8<-- [start:plan]
        [(statement, values)] = slow
        for line in await explain(engine, statement, values):
            print(line)
            #> Update on products (actual rows=0.00 loops=1)
            #>   ->  Seq Scan on products (actual rows=30.00 loops=1)
            #>         Filter: (category = 7)
            #>         Rows Removed by Filter: 2970
        # --8<-- [end:plan]
        # --8<-- [start:stock]
        async with AsyncSession(engine) as session:
            print("stock:", (await session.get_one(Product, 7)).stock)
            #> stock: 9
        # --8<-- [end:stock]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
