# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import traceback
from collections.abc import Awaitable, Callable

from sqlalchemy import FetchedValue, inspect, select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.orm.exc import StaleDataError

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    __mapper_args__ = {"eager_defaults": True}


class Product(Base):
    __tablename__ = "products"

    id: Mapped[int] = mapped_column(primary_key=True)
    stock: Mapped[int] = mapped_column(default=10)
    reserved: Mapped[int] = mapped_column(server_default="0")
    returned: Mapped[int] = mapped_column(default=0, server_onupdate=FetchedValue())


class Page(Base):
    __tablename__ = "pages"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    version: Mapped[int] = mapped_column()
    __mapper_args__ = {"version_id_col": version}


async def claim_expression_and_eager_defaults(engine: AsyncEngine) -> None:
    """With `eager_defaults=True`, the flush expires a plain column that you set to an expression; one with `server_default` or `server_onupdate` gets its value."""
    async with AsyncSession(engine) as session:
        product = Product()
        session.add(product)
        await session.flush()
        product.stock = Product.stock - 1
        product.reserved = Product.reserved + 1
        product.returned = Product.returned + 1
        await session.flush()
        assert inspect(product).expired_attributes == {"stock"}
        assert (product.reserved, product.returned) == (1, 1)


async def loaded_and_behind(engine: AsyncEngine, session: AsyncSession) -> Page:
    session.add(Page(id=1, title="first"))
    await session.commit()
    page = await session.get_one(Page, 1)
    await session.commit()
    async with AsyncSession(engine) as other, other.begin():
        (await other.get_one(Page, 1)).title = "second"
    return page


async def claim_lock_with_a_version(engine: AsyncEngine) -> None:
    """With a version column, `get()` with `with_for_update` raises `StaleDataError` for an old object, also with `populate_existing`. `refresh()` and `select()` do not."""
    async with AsyncSession(engine, expire_on_commit=False) as session:
        page = await loaded_and_behind(engine, session)
        errors = []
        for populate in (False, True):
            try:
                await session.get(Page, 1, with_for_update=True, populate_existing=populate)
            except StaleDataError as raised:
                errors.append(raised)
        assert len(errors) == 2
        await session.scalars(select(Page).with_for_update())
        assert page.title == "first"
        await session.refresh(page, with_for_update=True)
        assert page.title == "second"


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
