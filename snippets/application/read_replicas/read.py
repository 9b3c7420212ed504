# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "asyncpg", "psycopg[binary]", "fastapi>=0.121", "httpx"]
# ///
# drivers: asyncpg, psycopg (SQLite has no replicas)
import asyncio
import os
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Annotated, TypedDict

import httpx
from fastapi import Depends, FastAPI, HTTPException
from fastapi.requests import HTTPConnection
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from starlette.types import Receive, Scope, Send

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)
REPLICA_URL = DATABASE_URL
# The replica of this file is another schema, which gets no changes: it is as far behind as can be.
BEHIND = {None: "replica"}


class Base(DeclarativeBase):
    pass


class Product(Base):
    __tablename__ = "products"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


# --8<-- [start:lifespan]
class State(TypedDict):
    session_factory: async_sessionmaker[AsyncSession]
    read_factory: async_sessionmaker[AsyncSession]


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[State]:
    primary = create_async_engine(DATABASE_URL)
    options = {"postgresql_readonly": True, "schema_translate_map": BEHIND}
    replica = create_async_engine(REPLICA_URL, execution_options=options)
    write = async_sessionmaker(primary, expire_on_commit=False, close_resets_only=False)
    read = async_sessionmaker(replica, expire_on_commit=False, close_resets_only=False)
    try:
        yield {"session_factory": write, "read_factory": read}
    finally:
        await primary.dispose()
        await replica.dispose()


# --8<-- [end:lifespan]


# --8<-- [start:dependencies]
async def get_session(connection: HTTPConnection) -> AsyncIterator[AsyncSession]:
    async with connection.state.session_factory() as session:
        yield session
        await session.commit()


async def get_read_session(connection: HTTPConnection) -> AsyncIterator[AsyncSession]:
    async with connection.state.read_factory() as session:
        yield session
        await session.commit()  # It flushes, so the server refuses what an endpoint has only added.


SessionDep = Annotated[AsyncSession, Depends(get_session, scope="function")]
SessionReadDep = Annotated[AsyncSession, Depends(get_read_session, scope="function")]
# --8<-- [end:dependencies]


app = FastAPI(lifespan=lifespan)


# --8<-- [start:endpoints]
@app.put("/products/{product_id}", status_code=204)
async def write_product(product_id: int, name: str, session: SessionDep) -> None:
    await session.merge(Product(id=product_id, name=name))


@app.get("/products/{product_id}")
async def read_product(product_id: int, session: SessionDep) -> str:
    product = await session.get(Product, product_id)
    if product is None:
        raise HTTPException(404)
    return product.name


@app.get("/catalogue")
async def catalogue(session: SessionReadDep) -> Sequence[str]:
    return (await session.scalars(select(Product.name).order_by(Product.name))).all()


# --8<-- [end:endpoints]


async def set_up() -> None:
    engine = create_async_engine(DATABASE_URL)
    async with engine.begin() as connection:
        await connection.execute(text("DROP SCHEMA IF EXISTS replica CASCADE"))
        await connection.execute(text("CREATE SCHEMA replica"))
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
        await connection.execute(text("CREATE TABLE replica.products AS SELECT * FROM products"))
    await engine.dispose()


async def clean_up() -> None:
    engine = create_async_engine(DATABASE_URL)
    async with engine.begin() as connection:
        await connection.execute(text("DROP SCHEMA replica CASCADE"))
    await engine.dispose()


async def main() -> None:
    await set_up()
    async with lifespan(app) as state:

        async def with_state(scope: Scope, receive: Receive, send: Send) -> None:
            await app({**scope, "state": dict(state)}, receive, send)

        # --8<-- [start:ask]
        transport = httpx.ASGITransport(with_state)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            written = await client.put("/products/1?name=Kettle")
            read = await client.get("/products/1")
            print(written.status_code, "then", read.status_code)
            #> 204 then 200
        # --8<-- [end:ask]
    await clean_up()


if __name__ == "__main__":
    asyncio.run(main())
