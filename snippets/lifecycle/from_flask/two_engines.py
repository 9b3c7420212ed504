# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi", "httpx",
# ]
# ///
import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from typing import Annotated

import httpx
from fastapi import Depends, FastAPI
from sqlalchemy import URL, create_engine, make_url, select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Customer(Base):
    __tablename__ = "customers"

    id: Mapped[int] = mapped_column(primary_key=True)
    visits: Mapped[int]


# --8<-- [start:engines]
def sync_url(url: str) -> URL:
    """The same database, by a synchronous driver."""
    given = make_url(url)
    drivers = {"sqlite+aiosqlite": "sqlite", "postgresql+asyncpg": "postgresql+psycopg"}
    return given.set(drivername=drivers.get(given.drivername, given.drivername))


old_engine = create_engine(sync_url(DATABASE_URL), pool_size=1, max_overflow=0)
new_engine = create_async_engine(DATABASE_URL, pool_size=1, max_overflow=0)
# --8<-- [end:engines]
app = FastAPI()


def get_old_session() -> Iterator[Session]:
    with Session(old_engine) as session:
        yield session


async def get_session() -> AsyncIterator[AsyncSession]:
    async with AsyncSession(new_engine) as session:
        yield session


OldSessionDep = Annotated[Session, Depends(get_old_session)]
SessionDep = Annotated[AsyncSession, Depends(get_session)]


def connections_held() -> int:
    pools = (old_engine.pool, new_engine.pool)
    return sum(pool.checkedout() for pool in pools)  # type: ignore[attr-defined]


# --8<-- [start:endpoint]
def count_visit(customer_id: int, session: OldSessionDep) -> Customer:
    customer = session.get_one(Customer, customer_id)
    customer.visits += 1
    session.flush()
    return customer


@app.get("/customers/{customer_id}")
async def read_customer(
    customer: Annotated[Customer, Depends(count_visit)], session: SessionDep
) -> dict[str, int]:
    visits = select(Customer.visits).where(Customer.id == customer.id)
    return {
        "visits in the old session": customer.visits,
        "in the new one": await session.scalar(visits) or 0,
        "connections held": connections_held(),
    }


# --8<-- [end:endpoint]


async def main() -> None:
    try:
        async with new_engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        async with AsyncSession(new_engine) as session, session.begin():
            session.add(Customer(id=1, visits=0))
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            # --8<-- [start:client]
            response = await client.get("/customers/1")
            for name, value in response.json().items():
                print(f"{name}: {value}")
                #> visits in the old session: 1
                #> in the new one: 0
                #> connections held: 2
            # --8<-- [end:client]
    finally:
        old_engine.dispose()
        await new_engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
