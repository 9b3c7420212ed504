# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi>=0.121", "httpx", "uvicorn",
# ]
# ///
import asyncio
import os
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

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Product(Base):
    __tablename__ = "products"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


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
    name: str


# --8<-- [start:endpoint]
@app.get("/products", response_model=list[ProductOut])
async def search(
    session: SessionDep, q: Annotated[str, Query(min_length=1, max_length=50, pattern=r"^[^\x00]*$")]
) -> Sequence[Product]:
    found = Product.name.contains(q, autoescape=True)
    query = select(Product).where(found).order_by(Product.id).limit(20)
    return (await session.scalars(query)).all()


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
    engine = create_async_engine(database_url)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    async with AsyncSession(engine) as session, session.begin():
        names = ["100% cotton", "linen", "size_m", "wool"]
        session.add_all([Product(id=number, name=name) for number, name in enumerate(names, 1)])
    await engine.dispose()


async def main() -> None:
    await create_tables(DATABASE_URL)
    async with serving(app) as client:
        for q in "%", "_":
            response = await client.get("/products", params={"q": q})
            # --8<-- [start:found]
            print(q, [product["name"] for product in response.json()])
            #> % ['100% cotton']
            #> _ ['size_m']
            # --8<-- [end:found]


if __name__ == "__main__":
    asyncio.run(main())
