# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# also: asyncpg==0.31.*, asyncpg==0.30.*, psycopg==3.2.*
import asyncio
import os
import traceback
from collections.abc import Awaitable, Callable

from sqlalchemy import bindparam, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


EXPLAIN = {"sqlite": "EXPLAIN QUERY PLAN ", "postgresql": "EXPLAIN "}
WITHOUT_A_SCAN = {"sqlite": "SELECT 1", "postgresql": "SET LOCAL enable_seqscan = off"}


class Base(DeclarativeBase):
    pass


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str | None] = mapped_column(index=True)
    customer: Mapped[str | None]


async def error_of(engine: AsyncEngine, query: str, **values: object) -> str:
    try:
        async with engine.connect() as connection:
            await connection.execute(text(query), values)
    except DBAPIError as error:
        return str(error.orig)
    return ""


async def claim_name_of_a_table(engine: AsyncEngine) -> None:
    """The name of a table cannot be a parameter: `FROM :name` is a syntax error."""
    assert "syntax error" in await error_of(engine, "SELECT id FROM :name", name="orders")


async def claim_name_of_a_column(engine: AsyncEngine) -> None:
    """The name of a column as a parameter raises nothing and is wrong: `SELECT :name` returns the name, and `ORDER BY :name` does not sort."""
    async with AsyncSession(engine) as session:
        for name in ("b", "a"):
            session.add(Order(customer=name))
            await session.flush()
        selected = await session.scalars(text("SELECT :name FROM orders"), {"name": "code"})
        assert selected.all() == ["code", "code"]
        ordered = await session.scalars(text("SELECT customer FROM orders ORDER BY :name"), {"name": "customer"})
        assert ordered.all() == ["b", "a"]


async def claim_line_and_caret(engine: AsyncEngine) -> None:
    """The text of a syntax error has `LINE 1:` in it, and a caret below the place."""
    lines = (await error_of(engine, "SELECT :x::integer FROM orders", x=1)).splitlines()
    assert [line[:7] for line in lines[1:2]] == ["LINE 1:"], "it has neither"
    assert lines[2].strip() == "^"


async def claim_empty_list(engine: AsyncEngine) -> None:
    """Both `Order.id.in_(ids)` and `expanding=True` also take an empty list, and find nothing."""
    by_text = text("SELECT id FROM orders WHERE id IN :ids").bindparams(bindparam("ids", expanding=True))
    async with AsyncSession(engine) as session:
        session.add(Order(id=1))
        for ids, found in (([1, 2], [1]), ([], [])):
            assert list(await session.scalars(select(Order.id).where(Order.id.in_(ids)))) == found
            assert list(await session.scalars(by_text, {"ids": ids})) == found


async def claim_parentheses(engine: AsyncEngine) -> None:
    """Write `IN :ids` without parentheses: `expanding=True` adds them. `IN (:ids)` becomes `IN ((…))`, which fails."""
    by_text = text("SELECT id FROM orders WHERE id IN (:ids)").bindparams(bindparam("ids", expanding=True))
    error = None
    async with engine.connect() as connection:
        try:
            await connection.execute(by_text, {"ids": [1, 2]})
        except DBAPIError as raised:
            error = raised
    assert error is not None
    assert "IN ((" in str(error)


async def claim_list_of_strings(engine: AsyncEngine) -> None:
    """Without `expanding=True`, `code IN (:codes)` with a list of strings raises nothing, and finds nothing."""
    query = text("SELECT id FROM orders WHERE code IN (:codes)")
    async with AsyncSession(engine) as session:
        session.add(Order(id=1, code="a"))
        await session.flush()
        assert (await session.scalars(query, {"codes": ["a", "b"]})).all() == []


async def claim_index(engine: AsyncEngine) -> None:
    """With a cast of the column to `integer`, the plan of the query does not use the index on that column."""
    plans = []
    async with engine.connect() as connection:
        await connection.execute(text(WITHOUT_A_SCAN[engine.dialect.name]))
        for condition in ("code = '7'", "CAST(code AS integer) = 7"):
            query = EXPLAIN[engine.dialect.name] + "SELECT * FROM orders WHERE " + condition
            plans.append(str((await connection.execute(text(query))).all()))
    assert ["ix_orders_code" in plan for plan in plans] == [True, False]


async def reason_against(claim: Callable[[AsyncEngine], Awaitable[None]]) -> str:
    """Why a claim does not hold here, or nothing."""
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
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
    engine = create_async_engine(DATABASE_URL)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)  # Out of the way of a file that has some of these tables.
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
