# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import traceback
from collections.abc import Awaitable, Callable

from sqlalchemy import Connection, ForeignKey, event, insert, or_, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship, selectinload

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Shop(Base):
    __tablename__ = "shops"

    id: Mapped[int] = mapped_column(primary_key=True)
    products: Mapped[list["Product"]] = relationship()


class Product(Base):
    __tablename__ = "products"

    id: Mapped[int] = mapped_column(primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey(Shop.id))


def counted(engine: AsyncEngine) -> list[int]:
    """How many parameters each statement has."""
    numbers: list[int] = []

    @event.listens_for(engine.sync_engine, "before_cursor_execute")
    def count(_: Connection, cursor: object, statement: str, parameters: object, *more: object) -> None:
        if isinstance(parameters, tuple | dict):
            numbers.append(len(parameters))

    return numbers


async def claim_length(engine: AsyncEngine) -> None:
    """The text of the error for `in_()` with 70,000 numbers is longer than a million characters."""
    error = None
    async with AsyncSession(engine) as session:
        try:
            await session.scalars(select(Product).where(Product.id.in_(range(70_000))))
        except DBAPIError as raised:
            error = raised
    assert error is not None, "70,000 parameters are no error"
    assert len(str(error)) > 1_000_000


async def claim_pairs(engine: AsyncEngine) -> None:
    """`tuple_(Product.id, Product.shop_id).in_(pairs)` sends two parameters for each pair."""
    numbers = counted(engine)
    pair = tuple_(Product.id, Product.shop_id)
    async with AsyncSession(engine) as session:
        await session.scalars(select(Product).where(pair.in_([(1, 1), (2, 1), (3, 1)])))
    assert numbers == [6]


async def claim_subquery(engine: AsyncEngine) -> None:
    """`Product.shop_id.in_(select(Shop.id))` sends no parameter, however many shops there are."""
    async with AsyncSession(engine) as session:
        await session.execute(insert(Shop), [{"id": number} for number in range(300)])
        await session.execute(insert(Product), [{"id": 5, "shop_id": 299}])
        numbers = counted(engine)
        found = await session.scalars(select(Product.id).where(Product.shop_id.in_(select(Shop.id))))
        assert found.all() == [5]
    assert numbers == [0]


async def claim_upsert(engine: AsyncEngine) -> None:
    """`session.execute(insert(Shop).on_conflict_do_nothing(), rows)` hands the rows to the driver's `executemany()`."""
    insert_into = postgresql.insert if engine.dialect.name == "postgresql" else sqlite.insert
    many: list[object] = []
    event.listen(engine.sync_engine, "before_cursor_execute", lambda *all: many.append(all[-1]))
    async with AsyncSession(engine) as session:
        await session.execute(
            insert_into(Shop).on_conflict_do_nothing(), [{"id": number} for number in (1, 2, 1)]
        )
        assert many == [True]
        assert (await session.scalars(select(Shop.id).order_by(Shop.id))).all() == [1, 2]


async def claim_selectinload(engine: AsyncEngine) -> None:
    """`selectinload()` for 1,200 objects sends three statements, with at most 500 parameters each."""
    async with AsyncSession(engine) as session:
        await session.execute(insert(Shop), [{"id": number} for number in range(1_200)])
        numbers = counted(engine)
        await session.scalars(select(Shop).options(selectinload(Shop.products)))
    assert numbers == [0, 500, 500, 200]


async def claim_or(engine: AsyncEngine) -> None:
    """`or_()` of 2,000 comparisons is accepted."""
    error = ""
    async with AsyncSession(engine) as session:
        try:
            await session.scalars(select(Shop).where(or_(*(Shop.id == number for number in range(2_000)))))
        except DBAPIError as raised:
            error = str(raised.orig)
    assert error == "", error


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
