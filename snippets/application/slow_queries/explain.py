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
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


class Base(DeclarativeBase):
    pass


class Product(Base):
    __tablename__ = "products"

    id: Mapped[int] = mapped_column(primary_key=True)
    stock: Mapped[int]


engine = create_async_engine(DATABASE_URL)
plans: list[str] = []
EXPLAIN = "EXPLAIN "


# --8<-- [start:listen]
def explain(
    connection: Connection, cursor: Any, statement: str, values: Any, context: Any, many: bool
) -> None:
    if not statement.startswith(EXPLAIN):
        plan = connection.exec_driver_sql(EXPLAIN + statement, values)
        plans.append("\n".join(plan.scalars()))


# --8<-- [end:listen]


async def main() -> None:
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        async with AsyncSession(engine) as session:
            session.add(Product(id=1, stock=10))
            await session.commit()
        event.listen(engine.sync_engine, "after_cursor_execute", explain)
        # --8<-- [start:sell]
        async with AsyncSession(engine) as session:
            await session.execute(
                update(Product).where(Product.id == 1).values(stock=Product.stock - 1)
            )
            await session.commit()
        # --8<-- [end:sell]
        event.remove(engine.sync_engine, "after_cursor_execute", explain)
        # --8<-- [start:stock]
        async with AsyncSession(engine) as session:
            print("stock:", (await session.get_one(Product, 1)).stock)
            #> stock: 9
        # --8<-- [end:stock]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
