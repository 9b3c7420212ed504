# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# raises: AssertionError
# silent: the commit succeeds, and the new line is not stored
import asyncio
import os
import warnings

from sqlalchemy import ForeignKey, func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Line(Base):
    __tablename__ = "lines"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    article: Mapped[str]
    order: Mapped["Order"] = relationship(back_populates="lines")


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    lines: Mapped[list[Line]] = relationship(back_populates="order")


# --8<-- [start:assign]
async def add_line(session_factory: async_sessionmaker[AsyncSession], article: str) -> int | None:
    async with session_factory() as session:
        order = await session.get_one(Order, 1)
        line = Line(article=article)
        line.order = order
        await session.commit()
        return await session.scalar(select(func.count(Line.id)))


# --8<-- [end:assign]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine, expire_on_commit=False)
        async with session_factory.begin() as session:
            session.add(Order(id=1, lines=[Line(article="tea")]))
        # --8<-- [start:call]
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            rows = await add_line(session_factory, "milk")
        print([str(warning.message) for warning in caught])
        #> ["Object of type <Line> not in session, add operation along 'Order.lines' will not proceed"]
        print(f"rows: {rows}")
        #> rows: 1
        assert rows == 2, "the line was not stored"
        # --8<-- [end:call]
    finally:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
