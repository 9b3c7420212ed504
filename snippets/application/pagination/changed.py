# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)


# --8<-- [start:queries]
NEWEST_FIRST = select(Order.id).order_by(Order.id.desc()).limit(2)


async def by_offset(session: AsyncSession, last: int) -> Sequence[int]:
    return (await session.scalars(NEWEST_FIRST.offset(2))).all()


async def by_keyset(session: AsyncSession, last: int) -> Sequence[int]:
    return (await session.scalars(NEWEST_FIRST.where(Order.id < last))).all()


# --8<-- [end:queries]
async def nothing(session: AsyncSession) -> None:
    pass


async def insert_order(session: AsyncSession) -> None:
    session.add(Order(id=7))


async def delete_order(session: AsyncSession) -> None:
    await session.execute(delete(Order).where(Order.id == 6))


CHANGES: dict[str, Callable[[AsyncSession], Awaitable[None]]] = {
    "nothing": nothing,
    "order 7 is inserted": insert_order,
    "order 6 is deleted": delete_order,
}


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    session_factory = async_sessionmaker(engine, expire_on_commit=False)
    try:
        rows = []
        for name, change in CHANGES.items():
            cells = [name]
            for second_page in by_offset, by_keyset:
                async with engine.begin() as connection:
                    await connection.run_sync(Base.metadata.drop_all)
                    await connection.run_sync(Base.metadata.create_all)
                async with session_factory.begin() as session:
                    session.add_all([Order(id=number) for number in range(1, 7)])
                async with session_factory() as session:
                    first = (await session.scalars(NEWEST_FIRST)).all()
                    assert first == [6, 5]
                async with session_factory.begin() as session:
                    await change(session)
                async with session_factory() as session:
                    cells.append(", ".join(map(str, await second_page(session, first[-1]))))
            rows.append(" | ".join(cells))
        # --8<-- [start:table]
        print("After the page 6, 5 | next page with OFFSET 2 | next page with WHERE id < 5")
        #> After the page 6, 5 | next page with OFFSET 2 | next page with WHERE id < 5
        for row in rows:
            print(row)
            #> nothing | 4, 3 | 4, 3
            #> order 7 is inserted | 5, 4 | 4, 3
            #> order 6 is deleted | 3, 2 | 4, 3
        # --8<-- [end:table]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
