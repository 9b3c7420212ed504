# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi>=0.121", "httpx", "uvicorn",
# ]
# ///
# silent: the second price replaces the first, which its author has never seen
import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, TypedDict

import httpx
import uvicorn
from fastapi import Depends, FastAPI, Header, HTTPException, Response
from fastapi.requests import HTTPConnection
from pydantic import BaseModel
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


# --8<-- [start:model]
class Product(Base):
    __tablename__ = "products"

    id: Mapped[int] = mapped_column(primary_key=True)
    price: Mapped[int]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


# --8<-- [end:model]


class ProductUpdate(BaseModel):
    price: int = 0


class ProductOut(BaseModel):
    id: int
    price: int


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


# --8<-- [start:endpoints]
@app.get("/products/{product_id}", response_model=ProductOut)
async def read_product(product_id: int, session: SessionDep, response: Response) -> Product:
    product = await session.get(Product, product_id)
    if product is None:
        raise HTTPException(404)
    response.headers["ETag"] = f'"{product.version}"'
    return product


@app.patch("/products/{product_id}", response_model=ProductOut)
async def update_product(
    product_id: int,
    changes: ProductUpdate,
    if_match: Annotated[str, Header()],
    session: SessionDep,
    response: Response,
) -> Product:
    product = await session.get(Product, product_id)
    if product is None:
        raise HTTPException(404)
    for name, value in changes.model_dump(exclude_unset=True).items():
        setattr(product, name, value)
    await session.flush()
    response.headers["ETag"] = f'"{product.version}"'
    return product


# --8<-- [end:endpoints]


async def create_tables(database_url: str) -> None:
    """What your migrations do before the application starts, and one product."""
    engine = create_async_engine(database_url)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
        await connection.execute(insert(Product).values(id=1, price=900))
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
    async with serving(app) as client:
        # --8<-- [start:client]
        read = await client.get("/products/1")
        seen = {"If-Match": read.headers["ETag"]}
        first = await client.patch("/products/1", json={"price": 800}, headers=seen)
        other = await client.patch("/products/1", json={"price": 950}, headers=seen)
        newer = {"If-Match": first.headers["ETag"]}
        again = await client.patch("/products/1", json={"price": 850}, headers=newer)
        print(first.status_code, other.status_code, again.status_code)
        #> 200 200 200
        # --8<-- [end:client]


if __name__ == "__main__":
    asyncio.run(main())
