# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (the rows that a step read are in PostgreSQL's EXPLAIN ANALYZE)
import asyncio
import json
import os
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import DateTime, Index, Select, and_, func, insert, or_, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)
START = datetime(2026, 5, 1, tzinfo=UTC)
TWENTY = {"limit": 20}


class Base(DeclarativeBase):
    pass


class Order(Base):
    __tablename__ = "orders"
    __table_args__ = (Index("orders_created_at_id", "created_at", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    note: Mapped[str]


# --8<-- [start:queries]
newest_first = select(Order).order_by(Order.created_at.desc(), Order.id.desc()).limit(20)
created_at, last_id = START + timedelta(minutes=5_000), 10_001

QUERIES: dict[str, Select[Any]] = {
    "page 1": newest_first,
    "page 501, `offset(10_000)`": newest_first.offset(10_000),
    "page 501, `tuple_(…) < …`": newest_first.where(
        tuple_(Order.created_at, Order.id) < tuple_(created_at, last_id)
    ),
    "page 501, `or_(…, and_(…))`": newest_first.where(
        or_(
            Order.created_at < created_at,
            and_(Order.created_at == created_at, Order.id < last_id),
        )
    ),
    "page 501, `<=` before the `or_`": newest_first.where(
        Order.created_at <= created_at,
        or_(
            Order.created_at < created_at,
            and_(Order.created_at == created_at, Order.id < last_id),
        ),
    ),
    "page 1 with `count().over()`": newest_first.add_columns(func.count().over()),
    "a total, `count()`": select(func.count()).select_from(Order),
    "a total up to 1001": select(func.count()).select_from(select(Order.id).limit(1001).subquery()),
}
# --8<-- [end:queries]


async def rows_read(connection: AsyncConnection, query: Select[Any]) -> int:
    """How many rows the scan of the table or its index returned or threw away."""
    sql = query.compile(connection.sync_engine, compile_kwargs={"literal_binds": True})
    explain = text(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {sql}".replace(":", r"\:"))
    plan = await connection.scalar(explain)
    step = (json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]
    while "Plans" in step:
        (step,) = step["Plans"]
    return int(step["Actual Rows"] + step.get("Rows Removed by Filter", 0))


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
            rows = [
                {"id": n, "created_at": START + timedelta(minutes=n // 2), "note": "x" * 50}
                for n in range(1, 20_001)
            ]
            await connection.execute(insert(Order), rows)
            await connection.execute(text("ANALYZE orders"))
        async with engine.connect() as connection:
            same = [query for name, query in QUERIES.items() if "501" in name]
            pages = {tuple((await connection.execute(query)).all()) for query in same}
            assert len(same) == 4 and len(pages) == 1
            read = {name: await rows_read(connection, query) for name, query in QUERIES.items()}
        # --8<-- [start:table]
        print("Query, of 20,000 orders | rows read")
        #> Query, of 20,000 orders | rows read
        for name, count in read.items():
            print(f"{name} | {count:,}")
            #> page 1 | 20
            #> page 501, `offset(10_000)` | 10,020
            #> page 501, `tuple_(…) < …` | 20
            #> page 501, `or_(…, and_(…))` | 10,020
            #> page 501, `<=` before the `or_` | 21
            #> page 1 with `count().over()` | 20,000
            #> a total, `count()` | 20,000
            #> a total up to 1001 | 1,001
        # --8<-- [end:table]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
