# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi>=0.121", "httpx", "uvicorn",
# ]
# ///
# drivers: asyncpg, psycopg (SQLite stores all of it)
# silent: the client's mistakes are answered with 500, as if they were the server's
import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, TypedDict

import httpx
import uvicorn
from fastapi import Depends, FastAPI, HTTPException
from fastapi.requests import HTTPConnection
from pydantic import BaseModel
from sqlalchemy import String
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


class Base(DeclarativeBase):
    pass


# --8<-- [start:model]
class Product(Base):
    __tablename__ = "products"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(50))
    stock: Mapped[int]


# --8<-- [end:model]


# --8<-- [start:schemas]
ProductId = int
Name = str
Stock = int


class ProductIn(BaseModel):
    name: Name
    stock: Stock


# --8<-- [end:schemas]


class State(TypedDict):
    session_factory: async_sessionmaker[AsyncSession]


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[State]:
    engine = create_async_engine(DATABASE_URL)
    try:
        session_factory = async_sessionmaker(
            engine, expire_on_commit=False, close_resets_only=False
        )
        yield {"session_factory": session_factory}
    finally:
        await engine.dispose()


app = FastAPI(lifespan=lifespan)


async def get_session(connection: HTTPConnection) -> AsyncIterator[AsyncSession]:
    async with connection.state.session_factory() as session:
        yield session
        await session.commit()


SessionDep = Annotated[AsyncSession, Depends(get_session, scope="function")]


@app.post("/products", status_code=201)
async def create_product(new: ProductIn, session: SessionDep) -> int:
    product = Product(**new.model_dump())
    session.add(product)
    await session.flush()
    return product.id


@app.get("/products/{product_id}")
async def read_product(product_id: ProductId, session: SessionDep) -> str:
    product = await session.get(Product, product_id)
    if product is None:
        raise HTTPException(404)
    return product.name


async def create_tables(database_url: str) -> None:
    """What your migrations do before the application starts."""
    engine = create_async_engine(database_url)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    await engine.dispose()


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


async def main() -> None:
    await create_tables(DATABASE_URL)
    # --8<-- [start:client]
    async with serving(app) as client:
        print("the client sends | status")
        #> the client sends | status
        for what, new in {
            "what fits": {"name": "x", "stock": 1},
            "a name of 51 characters": {"name": "x" * 51, "stock": 1},
            "a name with the character 0": {"name": "a\0b", "stock": 1},
            "a stock of 3,000,000,000": {"name": "x", "stock": 3_000_000_000},
        }.items():
            created = await client.post("/products", json=new)
            print(what, "|", created.status_code)
            #> what fits | 201
            #> a name of 51 characters | 500
            #> a name with the character 0 | 500
            #> a stock of 3,000,000,000 | 500
        read = await client.get("/products/3000000000")
        print("GET /products/3000000000 |", read.status_code)
        #> GET /products/3000000000 | 500
    # --8<-- [end:client]


if __name__ == "__main__":
    asyncio.run(main())
