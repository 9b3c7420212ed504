# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import time
import traceback
import tracemalloc
import warnings
from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import Executable, ForeignKey, func, insert, inspect, select, update
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")
warnings.filterwarnings("ignore", "coroutine .* was never awaited")


class Base(DeclarativeBase):
    pass


class Product(Base):
    __tablename__ = "products"

    id: Mapped[int] = mapped_column(primary_key=True)
    sku: Mapped[str]
    price: Mapped[int]
    photos: Mapped[list["Photo"]] = relationship()


class Photo(Base):
    __tablename__ = "photos"

    id: Mapped[int] = mapped_column(primary_key=True)
    product_id: Mapped[int | None] = mapped_column(ForeignKey("products.id"))


class Page(Base):
    __tablename__ = "pages"

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}


OBJECTS = select(Product)
COLUMNS = select(Product.id, Product.sku, Product.price)


def rows(count: int) -> list[dict[str, Any]]:
    return [{"sku": f"sku-{number}", "price": number} for number in range(count)]


async def best(measure: Callable[[], Awaitable[float]]) -> float:
    return min([await measure() for _ in range(5)])


async def processor_time(engine: AsyncEngine, work: Callable[[AsyncSession], Awaitable[Any]]) -> float:
    """The shortest of five runs, each in a session of its own that is rolled back."""

    async def measure() -> float:
        async with AsyncSession(engine) as session:
            await session.connection()
            began = time.process_time()
            await work(session)
            return time.process_time() - began

    return await best(measure)


async def claim_read(engine: AsyncEngine) -> None:
    """Reading 5,000 rows of three columns as objects took more than twice the processor time, and more than twice the memory, of reading
    the columns."""
    async with engine.begin() as connection:
        await connection.execute(insert(Product), rows(5000))

    async def read(session: AsyncSession, statement: Executable) -> list[Any]:
        result = list((await session.execute(statement)).all())
        assert len(result) == 5000
        return result

    async def memory(statement: Executable) -> int:
        async with AsyncSession(engine) as session:
            tracemalloc.start()
            result = await read(session, statement)
            held, _ = tracemalloc.get_traced_memory()
            tracemalloc.stop()
            assert len(result) == 5000
            return held

    objects = await processor_time(engine, lambda session: read(session, OBJECTS))
    columns = await processor_time(engine, lambda session: read(session, COLUMNS))
    assert objects > 2 * columns
    await memory(OBJECTS)
    assert await memory(OBJECTS) > 2 * await memory(COLUMNS)


async def claim_session(engine: AsyncEngine) -> None:
    """Reading 5,000 rows of a `Table` through the session took less than 1.5 times the processor time of reading them on its connection."""
    async with engine.begin() as connection:
        await connection.execute(insert(Product), rows(5000))
    statement = select(Base.metadata.tables["products"])

    async def through_session(session: AsyncSession) -> None:
        assert len((await session.execute(statement)).all()) == 5000

    async def on_connection(session: AsyncSession) -> None:
        connection = await session.connection()
        assert len((await connection.execute(statement)).all()) == 5000

    assert await processor_time(engine, through_session) < 1.5 * await processor_time(engine, on_connection)


async def claim_update(engine: AsyncEngine) -> None:
    """To load 2,000 objects, change each and flush took more than three times as long as one `update()` of the same rows."""
    async with engine.begin() as connection:
        await connection.execute(insert(Product), rows(2000))

    async def took(work: Callable[[AsyncSession], Awaitable[Any]]) -> float:
        async with AsyncSession(engine) as session:
            await session.connection()
            began = time.perf_counter()
            await work(session)
            return time.perf_counter() - began

    async def each(session: AsyncSession) -> None:
        for product in await session.scalars(OBJECTS):
            product.price += 1
        await session.flush()

    async def at_once(session: AsyncSession) -> None:
        await session.execute(update(Product).values(price=Product.price + 1))

    assert await best(lambda: took(each)) > 3 * await best(lambda: took(at_once))


async def claim_insert(engine: AsyncEngine) -> None:
    """`add_all` of 2,000 objects and a flush took more than 1.5 times the processor time of `session.execute(insert(Product), rows)`."""

    async def objects(session: AsyncSession) -> None:
        session.add_all([Product(**row) for row in rows(2000)])
        await session.flush()

    async def dicts(session: AsyncSession) -> None:
        await session.execute(insert(Product), rows(2000))

    assert await processor_time(engine, objects) > 1.5 * await processor_time(engine, dicts)


async def claim_row(engine: AsyncEngine) -> None:
    """After a commit, with the default `expire_on_commit=True`, an object has expired, and a row can still be read."""
    async with AsyncSession(engine) as session:
        product = Product(sku="tea", price=3)
        session.add(product)
        await session.flush()
        row = (await session.execute(COLUMNS)).one()
        await session.commit()
        assert inspect(product).expired
        assert row.price == 3


async def claim_relationship(engine: AsyncEngine) -> None:
    """A relationship in the dicts of `session.execute(insert(Product), rows)` is ignored without an error: its objects are not stored."""
    async with AsyncSession(engine) as session:
        await session.execute(insert(Product), [{"sku": "tea", "price": 3, "photos": [Photo()]}])
        assert await session.scalar(select(func.count(Product.id))) == 1
        assert await session.scalar(select(func.count(Photo.id))) == 0
        session.add(Product(sku="mug", price=4, photos=[Photo()]))
        assert await session.scalar(select(func.count(Photo.id))) == 1


async def claim_version(engine: AsyncEngine) -> None:
    """If the model has a `version_id_col`, `session.execute(update(Page), rows)` needs the version in each dict, and raises a `KeyError`
    without it."""
    async with AsyncSession(engine) as session:
        session.add(Page(id=1, text="old"))
        await session.flush()
        error = None
        try:
            await session.execute(update(Page), [{"id": 1, "text": "new"}])
        except KeyError as raised:
            error = raised
        assert error is not None
        assert str(error) == "'version'"
        await session.execute(update(Page), [{"id": 1, "text": "new", "version": 1}])
        assert await session.scalar(select(Page.version)) == 2


async def claim_function(engine: AsyncEngine) -> None:
    """If `update(Product)` sets a value that only the database can compute, such as `func.upper(…)`, that attribute of a loaded object expires, and reading it raises."""
    async with AsyncSession(engine) as session:
        session.add(Product(id=1, sku="tea", price=3))
        await session.commit()
    error = None
    async with AsyncSession(engine) as session:
        product = await session.get_one(Product, 1)
        await session.execute(update(Product).values(sku=func.upper(Product.sku), price=Product.price + 1))
        assert product.price == 4
        try:
            print(product.sku)
        except Exception as raised:
            error = raised
    assert "MissingGreenlet" in f"{type(error).__name__}: {error}"


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
