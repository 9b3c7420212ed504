# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi>=0.121", "httpx", "uvicorn",
# ]
# ///
import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

import httpx
import uvicorn
from fastapi import Depends, FastAPI
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    item: Mapped[str]


class Subscriber(Base):
    __tablename__ = "subscribers"

    email: Mapped[str] = mapped_column(primary_key=True)


engine = create_async_engine(DATABASE_URL)
session_factory = async_sessionmaker(engine, expire_on_commit=False)
app = FastAPI()


# --8<-- [start:dependency]
async def get_session() -> AsyncIterator[AsyncSession]:
    async with session_factory.begin() as session:
        yield session


SessionDep = Annotated[AsyncSession, Depends(get_session, scope="function")]
# --8<-- [end:dependency]


# --8<-- [start:endpoint]
@app.post("/orders", status_code=201)
async def create_order(item: str, email: str, session: SessionDep) -> str:
    session.add(Order(item=item))
    await session.flush()
    try:
        async with session.begin_nested():
            session.add(Subscriber(email=email))
    except IntegrityError:
        return "ordered; you are subscribed already"
    return "ordered"


# --8<-- [end:endpoint]


@asynccontextmanager
async def serving() -> AsyncIterator[httpx.AsyncClient]:
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
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        async with session_factory.begin() as session:
            session.add(Subscriber(email="ada@example.org"))
        # --8<-- [start:client]
        async with serving() as client:
            order = {"item": "kettle", "email": "ada@example.org"}
            response = await client.post("/orders", params=order)
        async with session_factory() as session:
            stored = await session.scalar(select(func.count()).select_from(Order))
        print(f"{response.status_code} {response.text}, {stored} orders")
        #> 201 "ordered; you are subscribed already", 1 orders
        assert (response.status_code == 201) == (stored == 1), "the order is lost"
        # --8<-- [end:client]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
