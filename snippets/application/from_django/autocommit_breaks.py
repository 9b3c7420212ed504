# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi>=0.121", "httpx"]
# ///
# raises: AssertionError
# silent: the client has its 201 and an id, and no order is stored
import asyncio
import os
from collections.abc import AsyncIterator
from typing import Annotated

import httpx
from fastapi import Depends, FastAPI
from fastapi.requests import HTTPConnection
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    item: Mapped[str]


app = FastAPI()


# --8<-- [start:dependency]
async def get_session(connection: HTTPConnection) -> AsyncIterator[AsyncSession]:
    async with connection.app.state.session_factory() as session:
        yield session


SessionDep = Annotated[AsyncSession, Depends(get_session, scope="function")]
# --8<-- [end:dependency]


# --8<-- [start:endpoint]
@app.post("/orders", status_code=201)
async def create_order(item: str, session: SessionDep) -> dict[str, int]:
    order = Order(item=item)
    session.add(order)
    await session.flush()
    return {"id": order.id}


# --8<-- [end:endpoint]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine, expire_on_commit=False, close_resets_only=False)
        app.state.session_factory = session_factory
        # --8<-- [start:client]
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            response = await client.post("/orders?item=kettle")
        async with session_factory() as session:
            stored = await session.scalar(select(func.count()).select_from(Order))
        print(f"{response.status_code} {response.text}, {stored} orders")
        #> 201 {"id":1}, 0 orders
        assert stored == 1, "the client has an id, and no order is stored"
        # --8<-- [end:client]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
