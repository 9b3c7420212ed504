# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import traceback
from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")

insert: Any = sqlite.insert if DATABASE_URL.startswith("sqlite") else postgresql.insert


class Base(DeclarativeBase):
    pass


class Price(Base):
    __tablename__ = "prices"

    id: Mapped[int] = mapped_column(primary_key=True)
    sku: Mapped[str | None] = mapped_column(unique=True)
    cents: Mapped[int] = mapped_column(default=0)
    currency: Mapped[str] = mapped_column(default="EUR")
    edited_by: Mapped[str] = mapped_column(default="nobody", onupdate="worker")


async def tea(engine: AsyncEngine) -> None:
    async with AsyncSession(engine) as session:
        session.add(Price(id=1, sku="tea", cents=300, currency="USD"))
        await session.commit()


def upsert(*columns: str) -> Any:
    statement = insert(Price)
    changed = {column: statement.excluded[column] for column in columns}
    return statement.on_conflict_do_update(index_elements=[Price.sku], set_=changed)


async def code_of(awaitable: Awaitable[object]) -> str | None:
    try:
        await awaitable
    except DBAPIError as raised:
        return str(getattr(raised.orig, "sqlstate", None))
    return None


async def claim_onupdate(engine: AsyncEngine) -> None:
    """`on_conflict_do_update()` does not apply `onupdate=`. Put the column into `set_` yourself."""
    await tea(engine)
    read = select(Price.cents, Price.edited_by)
    async with AsyncSession(engine) as session:
        await session.execute(upsert("cents").values(sku="tea", cents=350))
        assert tuple((await session.execute(read)).one()) == (350, "nobody")
        named = insert(Price).values(sku="tea", cents=400)
        named = named.on_conflict_do_update(
            index_elements=[Price.sku], set_={"cents": named.excluded.cents, "edited_by": "worker"}
        )
        await session.execute(named)
        assert tuple((await session.execute(read)).one()) == (400, "worker")


async def claim_default(engine: AsyncEngine) -> None:
    """`excluded` has the `default=` of a column that you did not pass. If `set_` has this column, the default
    overwrites the stored value."""
    await tea(engine)
    async with AsyncSession(engine) as session:
        await session.execute(upsert("cents").values(sku="tea", cents=350))
        assert await session.scalar(select(Price.currency)) == "USD"
        await session.execute(upsert("cents", "currency").values(sku="tea", cents=350))
        assert await session.scalar(select(Price.currency)) == "EUR"


async def claim_twice(engine: AsyncEngine) -> None:
    """If two rows of the list have the same key and go into one statement, an upsert with RETURNING fails with the code `21000`."""
    rows = [{"sku": "mug", "cents": 900}, {"sku": "mug", "cents": 950}]
    async with AsyncSession(engine) as session:
        code = await code_of(session.scalars(upsert("cents").returning(Price), rows))
        assert code == "21000", "no error, and the last one is stored"


async def claim_twice_without_returning(engine: AsyncEngine) -> None:
    """Without RETURNING, `session.execute(statement, rows)` stores the last of the two."""
    rows = [{"sku": "mug", "cents": 900}, {"sku": "mug", "cents": 950}]
    async with AsyncSession(engine) as session:
        await session.execute(upsert("cents"), rows)
        assert (await session.scalars(select(Price.cents))).all() == [950]


async def claim_no_returning(engine: AsyncEngine) -> None:
    """Without RETURNING, an object that the session holds keeps its old values too, and a later `select()` does not change that. `refresh()` does."""
    await tea(engine)
    async with AsyncSession(engine) as session:
        price = await session.get_one(Price, 1)
        await session.execute(upsert("cents").values(sku="tea", cents=350))
        await session.scalars(select(Price))
        assert price.cents == 300
        await session.refresh(price)
        assert price.cents == 350


async def claim_null_key(engine: AsyncEngine) -> None:
    """If the key column allows NULL, a NULL conflicts with nothing: two upserts with `sku=None` store two rows."""
    async with AsyncSession(engine) as session:
        for cents in 300, 350:
            await session.execute(upsert("cents").values(sku=None, cents=cents))
        assert (await session.scalars(select(Price.cents).order_by(Price.id))).all() == [300, 350]


async def claim_no_target(engine: AsyncEngine) -> None:
    """Without `index_elements`, `on_conflict_do_nothing()` also ignores a conflict in another column. Then no row has your key, and the `.one()` above raises `NoResultFound`."""
    await tea(engine)
    error = None
    async with AsyncSession(engine) as session:
        other = insert(Price).values(id=1, sku="mug")
        await session.execute(other.on_conflict_do_nothing())
        assert (await session.scalars(select(Price.id).where(Price.sku == "mug"))).all() == []
        try:
            await session.execute(other.on_conflict_do_nothing(index_elements=[Price.sku]))
        except IntegrityError as raised:
            error = raised
        assert error is not None


async def claim_gaps(engine: AsyncEngine) -> None:
    """Each upsert of an existing row uses up an id: after five, the next new row has an id that is five higher."""
    async with AsyncSession(engine) as session:
        first = await session.scalar(upsert("cents").returning(Price.id), {"sku": "tea"})
        for _ in range(5):
            await session.execute(upsert("cents").values(sku="tea", cents=350))
        new = await session.scalar(upsert("cents").returning(Price.id), {"sku": "mug"})
        assert new == first + 6, f"the next id was {new}"


async def claim_inserted_primary_key(engine: AsyncEngine) -> None:
    """`inserted_primary_key` is `None` if `on_conflict_do_nothing()` inserted nothing."""
    await tea(engine)
    async with AsyncSession(engine) as session:
        await session.execute(insert(Price).values(id=7, sku="mug"))
        nothing = insert(Price).values(sku="tea").on_conflict_do_nothing()
        result: Any = await session.execute(nothing)
        key = result.inserted_primary_key
        assert key is None, "it is the id of another row" if key == (7,) else f"it is {key}"


async def claim_waits(engine: AsyncEngine) -> None:
    """An upsert of a key that another transaction has inserted waits until that transaction ends, and then updates its row."""
    async with AsyncSession(engine) as ada, AsyncSession(engine) as grace:
        await ada.execute(upsert("cents").values(sku="tea", cents=300))
        for_grace = asyncio.create_task(grace.execute(upsert("cents").values(sku="tea", cents=350)))
        _, waiting = await asyncio.wait([for_grace], timeout=0.2)
        await ada.commit()
        await for_grace
        await grace.commit()
        assert waiting == {for_grace}
        assert (await grace.scalars(select(Price.cents))).all() == [350]


async def claim_no_constraint(engine: AsyncEngine) -> None:
    """`index_elements` needs a unique constraint, a unique index or a primary key on these columns. Without one,
    the statement raises."""
    error = None
    async with AsyncSession(engine) as session:
        statement = insert(Price).values(sku="tea", cents=300)
        await session.execute(statement.on_conflict_do_nothing(index_elements=[Price.sku]))
        try:
            await session.execute(statement.on_conflict_do_nothing(index_elements=[Price.cents]))
        except DBAPIError as raised:
            error = raised
        assert error is not None
        assert "constraint" in str(error.orig)


async def claim_merge(engine: AsyncEngine) -> None:
    """`session.merge()` looks for the primary key only. An object without an id, whose `sku` is stored, raises
    `IntegrityError` at the flush."""
    await tea(engine)
    error = None
    async with AsyncSession(engine) as session:
        await session.merge(Price(id=1, sku="tea", cents=350))
        await session.flush()
        await session.merge(Price(sku="tea", cents=400))
        try:
            await session.flush()
        except IntegrityError as raised:
            error = raised
        assert error is not None


async def claim_pending(engine: AsyncEngine) -> None:
    """If the session has `autoflush=False`, `populate_existing` replaces a change that is not flushed. By default, the session flushes it first."""
    await tea(engine)
    statement = upsert("cents").values(sku="tea", cents=350).returning(Price)
    kept = {}
    for autoflush in True, False:
        async with AsyncSession(engine, autoflush=autoflush) as session:
            price = await session.get_one(Price, 1)
            price.currency = "GBP"
            await session.scalars(statement, execution_options={"populate_existing": True})
            kept[autoflush] = price.currency
    assert kept == {True: "GBP", False: "USD"}


async def claim_repeatable_read(engine: AsyncEngine) -> None:
    """At `REPEATABLE READ`, `on_conflict_do_nothing()` raises `40001` if the other row was committed after your first
    query."""
    assert engine.dialect.name == "postgresql", "SQLite has no REPEATABLE READ"
    nothing = insert(Price).values(sku="tea").on_conflict_do_nothing()
    async with AsyncSession(engine) as session:
        await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        await session.scalar(select(Price.id))
        await tea(engine)
        assert await code_of(session.execute(nothing)) == "40001"


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
