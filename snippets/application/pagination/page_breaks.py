# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0.22", "asyncpg", "psycopg[binary]", "fastapi>=0.121", "httpx", "uvicorn",
# ]
# ///
# drivers: asyncpg, psycopg (SQLite returned rows of the same price in the order of their ids here)
# silent: one product is on two pages and one on none
import asyncio
import os
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Annotated, TypedDict

import httpx
import uvicorn
from fastapi import Depends, FastAPI, Query
from fastapi.requests import HTTPConnection
from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


class Base(DeclarativeBase):
    pass


class Product(Base):
    __tablename__ = "products"

    id: Mapped[int] = mapped_column(primary_key=True)
    price: Mapped[int]


class State(TypedDict):
    session_factory: async_sessionmaker[AsyncSession]


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[State]:
    engine = create_async_engine(DATABASE_URL)
    try:
        yield {"session_factory": async_sessionmaker(engine, expire_on_commit=False, close_resets_only=False)}
    finally:
        await engine.dispose()


app = FastAPI(lifespan=lifespan)


async def get_session(connection: HTTPConnection) -> AsyncIterator[AsyncSession]:
    async with connection.state.session_factory() as session:
        yield session
        await session.commit()


SessionDep = Annotated[AsyncSession, Depends(get_session, scope="function")]


class ProductOut(BaseModel):
    id: int
    price: int


# --8<-- [start:endpoint]
@app.get("/products", response_model=list[ProductOut])
async def list_products(
    session: SessionDep,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    offset: Annotated[int, Query(ge=0, le=10_000)] = 0,
) -> Sequence[Product]:
    query = select(Product).order_by(Product.price)
    return (await session.scalars(query.limit(limit).offset(offset))).all()


# --8<-- [end:endpoint]


@asynccontextmanager
async def serving(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a real server on a free port."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical"))
    task = asyncio.create_task(server.serve())
    try:
        while not server.started:
            await asyncio.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            yield client
    finally:
        server.should_exit = True
        await task


async def create_tables(database_url: str) -> None:
    """Ten products that cost the same."""
    engine = create_async_engine(database_url)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    async with AsyncSession(engine) as session, session.begin():
        session.add_all([Product(id=number, price=5) for number in range(1, 11)])
    await engine.dispose()


async def main() -> None:
    await create_tables(DATABASE_URL)
    async with serving(app) as client:
        seen: list[int] = []
        for offset in range(0, 10, 2):
            response = await client.get(f"/products?limit=2&offset={offset}")
            seen += [product["id"] for product in response.json()]
        # --8<-- [start:seen]
        print("on the five pages:", seen)
        #> on the five pages: [2, 1, 4, 1, 5, 6, 7, 8, 9, 10]
        print("missing:", [number for number in range(1, 11) if number not in seen])
        #> missing: [3]
        # --8<-- [end:seen]
        # --8<-- [start:limits]
        for wrong in "limit=1000000", "limit=-1", "offset=9223372036854775808":
            print(wrong, (await client.get(f"/products?{wrong}")).status_code)
            #> limit=1000000 422
            #> limit=-1 422
            #> offset=9223372036854775808 422
        # --8<-- [end:limits]


if __name__ == "__main__":
    asyncio.run(main())
