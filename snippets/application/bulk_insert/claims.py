# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import time
import traceback
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, event, func, insert, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, validates
from sqlalchemy.orm.exc import StaleDataError

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")

called: list[str] = []


class Base(DeclarativeBase):
    pass


class Product(Base):
    __tablename__ = "products"

    id: Mapped[int] = mapped_column(primary_key=True)
    sku: Mapped[str] = mapped_column(unique=True)
    price: Mapped[int] = mapped_column(default=5)
    note: Mapped[str | None] = mapped_column(server_default="plain")

    def __init__(self, **columns: Any) -> None:
        called.append("__init__")
        super().__init__(**columns)

    @validates("sku")
    def check_sku(self, key: str, sku: str) -> str:
        called.append("@validates")
        return sku


def before_insert(mapper: Any, connection: Connection, product: Product) -> None:
    called.append("before_insert")


event.listen(Product, "before_insert", before_insert)


def rows(count: int) -> list[dict[str, Any]]:
    return [{"sku": f"sku-{number}"} for number in range(count)]


@contextmanager
def inserts(engine: AsyncEngine) -> Iterator[list[str]]:
    sent: list[str] = []

    def listen(_: Connection, __: Any, statement: str, *rest: Any) -> None:
        if statement.startswith("INSERT"):
            sent.append(statement)

    event.listen(engine.sync_engine, "before_cursor_execute", listen)
    yield sent
    event.remove(engine.sync_engine, "before_cursor_execute", listen)


async def stored(engine: AsyncEngine) -> int | None:
    async with AsyncSession(engine) as session:
        return await session.scalar(select(func.count(Product.id)))


async def copy(
    session: AsyncSession, rows: Sequence[tuple[Any, ...]], columns: Sequence[str]
) -> None:
    await session.scalar(select(1))
    raw = await (await session.connection()).get_raw_connection()
    driver: Any = raw.driver_connection
    if "asyncpg" in DATABASE_URL:
        await driver.copy_records_to_table("products", records=rows, columns=columns)
        return
    statement = f"COPY products ({', '.join(columns)}) FROM STDIN"
    async with driver.cursor() as cursor, cursor.copy(statement) as lines:
        for row in rows:
            await lines.write_row(row)


async def claim_add_all(engine: AsyncEngine) -> None:
    """`add_all` of 1,500 objects without ids sends two `INSERT` statements. So does `insert(Product)` with
    `returning(…, sort_by_parameter_order=True)`."""
    ids = insert(Product).returning(Product.id, sort_by_parameter_order=True)
    async with AsyncSession(engine) as session:
        with inserts(engine) as sent:
            session.add_all([Product(**row) for row in rows(1500)])
            await session.flush()
        assert len(sent) == 2, f"{len(sent)} statements"
        await session.rollback()
        with inserts(engine) as sent:
            await session.scalars(ids, rows(1500))
        assert len(sent) == 2


async def claim_values(engine: AsyncEngine) -> None:
    """`session.execute(insert(Product).values(rows))` with 66,000 parameters raises a `DBAPIError`: `InterfaceError` from
    asyncpg, `OperationalError` from psycopg."""
    assert engine.dialect.name == "postgresql", "SQLite's limit depends on how it was built"
    many = [{"id": number, "sku": f"sku-{number}", "price": 5} for number in range(22_000)]
    error = None
    async with AsyncSession(engine) as session:
        try:
            await session.execute(insert(Product).values(many))
        except DBAPIError as raised:
            error = raised
        assert error is not None
        assert type(error).__name__ in ("InterfaceError", "OperationalError")


async def claim_hooks(engine: AsyncEngine) -> None:
    """`session.execute(insert(Product), rows)` applies `default=`. It calls no `__init__`, no `@validates` method and
    no `before_insert` listener."""
    async with AsyncSession(engine) as session:
        called.clear()
        await session.execute(insert(Product), rows(2))
        assert called == []
        assert (await session.scalars(select(Product.price))).all() == [5, 5]
        session.add(Product(sku="mug"))
        await session.flush()
        assert called == ["__init__", "@validates", "before_insert"]


async def claim_faster(engine: AsyncEngine) -> None:
    """For 2,000 rows, `add()` and `flush()` of each took more than four times as long as one
    `session.execute(insert(Product), rows)`."""
    took: dict[str, list[float]] = {"each": [], "list": []}
    async with AsyncSession(engine) as session:
        for _ in range(3):
            began = time.perf_counter()
            for row in rows(2000):
                session.add(Product(**row))
                await session.flush()
            took["each"].append(time.perf_counter() - began)
            await session.rollback()
            for _ in range(5):  # Short, so that a busy machine must not disturb each of them. It was 20 to 200 times.
                began = time.perf_counter()
                await session.execute(insert(Product), rows(2000))
                took["list"].append(time.perf_counter() - began)
                await session.rollback()
    assert min(took["each"]) > 4 * min(took["list"])


async def claim_none(engine: AsyncEngine) -> None:
    """For `None`, `session.execute(insert(Product), rows)` leaves the column out, so one `None` in the middle of three dicts
    makes three statements. The option `render_nulls=True` makes it one."""
    three: list[dict[str, Any]] = [
        {"sku": "tea", "note": "green"}, {"sku": "mug", "note": None}, {"sku": "cup", "note": "blue"}
    ]
    notes = select(Product.note).order_by(Product.id)
    async with AsyncSession(engine) as session:
        with inserts(engine) as sent:
            await session.execute(insert(Product), three)
        assert len(sent) == 3
        assert (await session.scalars(notes)).all() == ["green", "plain", "blue"]
        await session.rollback()
        with inserts(engine) as sent:
            await session.execute(insert(Product), three, execution_options={"render_nulls": True})
        assert len(sent) == 1
        assert (await session.scalars(notes)).all() == ["green", None, "blue"]


async def claim_none_default(engine: AsyncEngine) -> None:
    """A column that is left out gets its `server_default`, or its `default=`, and not `NULL`."""
    async with AsyncSession(engine) as session:
        await session.execute(insert(Product), [{"sku": "tea", "price": None, "note": None}])
        stored = await session.execute(select(Product.price, Product.note))
        assert stored.one() == (5, "plain")


class Counter(Base):
    __tablename__ = "counters"

    id: Mapped[int] = mapped_column(primary_key=True)
    count: Mapped[int] = mapped_column(default=0)


async def claim_empty(engine: AsyncEngine) -> None:
    """`session.execute(insert(Counter), [])` stores one row of defaults, or raises `IntegrityError` if a column has none. `add_all([])` stores nothing."""
    error = None
    async with AsyncSession(engine) as session:
        session.add_all([])
        await session.flush()
        assert (await session.scalars(select(Counter.count))).all() == []
        await session.execute(insert(Counter), [])
        assert (await session.scalars(select(Counter.count))).all() == [0]
        try:
            await session.execute(insert(Product), [])
        except IntegrityError as raised:
            error = raised
        assert error is not None


async def claim_one_row(engine: AsyncEngine) -> None:
    """If one row of `session.execute(insert(Product), rows)` fails, and your code catches the error and commits, no
    row of the list is stored."""
    error = None
    async with AsyncSession(engine) as session:
        try:
            await session.execute(insert(Product), [*rows(2), {"sku": None}])
        except IntegrityError as raised:
            error = raised
        assert error is not None
        await session.commit()
    count = await stored(engine)
    assert count == 0, f"{count} rows are stored"


async def claim_no_such_row(engine: AsyncEngine) -> None:
    """`session.execute(update(Product), rows)` raises `StaleDataError` if one of the keys has no row."""
    error = None
    async with AsyncSession(engine) as session:
        await session.execute(insert(Product), [{"id": 1, "sku": "tea"}])
        try:
            await session.execute(update(Product), [{"id": 1, "sku": "oolong"}, {"id": 2, "sku": "mug"}])
        except StaleDataError as raised:
            error = raised
        assert error is not None, "no error, and the row with the key is changed"


async def claim_copy_error(engine: AsyncEngine) -> None:
    """An error of `COPY` is the driver's own `UniqueViolationError` or `UniqueViolation`, not SQLAlchemy's
    `IntegrityError`."""
    assert engine.dialect.name == "postgresql", "SQLite has no COPY"
    error = None
    async with AsyncSession(engine) as session:
        try:
            await copy(session, [("tea", 3), ("tea", 4)], ["sku", "price"])
        except Exception as raised:
            error = raised
        assert error is not None
        assert not isinstance(error, DBAPIError)
        assert type(error).__name__ in ("UniqueViolationError", "UniqueViolation")


async def claim_copy_defaults(engine: AsyncEngine) -> None:
    """`COPY` does not apply `default=`: a row without a price fails here, because the column allows no NULL."""
    assert engine.dialect.name == "postgresql", "SQLite has no COPY"
    error = None
    async with AsyncSession(engine) as session:
        await session.execute(insert(Product), [{"sku": "tea"}])
        assert await session.scalar(select(Product.price)) == 5
        try:
            await copy(session, [("mug",)], ["sku"])
        except Exception as raised:
            error = raised
        assert error is not None
        assert "not-null constraint" in str(error)


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
