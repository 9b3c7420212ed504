# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os

from sqlalchemy import event, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)


engine = create_async_engine(DATABASE_URL)
session_factory = async_sessionmaker(engine)
timeline: list[str] = []


def note(what: str) -> None:
    timeline.append(what)


for name, what in {
    "connect": "pool connects",
    "checkout": "connection taken",
    "begin": "transaction begins",
    "commit": "transaction commits",
    "rollback": "transaction rolls back",
    "checkin": "connection returned",
    "close": "pool disconnects",
}.items():
    event.listen(engine.sync_engine, name, lambda *_, what=what: note(what))


# --8<-- [start:work]
async def work(session: AsyncSession) -> None:
    session.add(Order())
    await session.commit()
    note("code between two transactions")
    await session.scalars(select(Order))
    note("code after a query")


# --8<-- [end:work]


async def main() -> None:
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    await engine.dispose()  # The pool is empty now, as it is when an application starts.
    timeline.clear()
    async with session_factory() as session:
        note("session opens")
        await work(session)
    note("session closes")
    await engine.dispose()
    # --8<-- [start:timeline]
    for what in timeline:
        print(what)
        #> session opens
        #> pool connects
        #> connection taken
        #> transaction begins
        #> transaction commits
        #> connection returned
        #> code between two transactions
        #> connection taken
        #> transaction begins
        #> code after a query
        #> transaction rolls back
        #> connection returned
        #> session closes
        #> pool disconnects
    # --8<-- [end:timeline]


if __name__ == "__main__":
    asyncio.run(main())
