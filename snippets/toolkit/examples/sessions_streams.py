# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi>=0.134", "httpx",
# ]
# ///
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.testclient import TestClient
from sessions import CommittingSession, Database, SessionFactory, StreamSession, open_database
from sqlalchemy import func, select
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Order(Base):
    __tablename__ = "orders"
    id: Mapped[int] = mapped_column(primary_key=True)
    item: Mapped[str]


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, Database]]:
    async with open_database(DATABASE_URL) as database:
        async with database.engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
        yield {"database": database}


app = FastAPI(lifespan=lifespan)


# --8<-- [start:each]
@app.post("/each")
async def store_each(
    items: list[str], sessions: SessionFactory
) -> AsyncIterator[int]:
    for item in items:
        async with sessions() as session:
            order = Order(item=item)
            session.add(order)
            await session.commit()
        yield order.id


# --8<-- [end:each]
# --8<-- [start:whole]
@app.post("/whole")
async def store_all_or_nothing(
    items: list[str], session: StreamSession
) -> AsyncIterator[int]:
    for item in items:
        if not item:
            raise ValueError("an order without an item")
        order = Order(item=item)
        session.add(order)
        await session.flush()
        yield order.id
    await session.commit()


# --8<-- [end:whole]
# --8<-- [start:refused]
@app.post("/refused")
async def store_too_late(session: CommittingSession) -> AsyncIterator[int]:
    session.add(Order(item="lost"))
    yield 1


# --8<-- [end:refused]
# --8<-- [start:early]
@app.get("/count")
async def count(session: CommittingSession) -> int:
    number = await session.scalar(select(func.count()).select_from(Order)) or 0
    await session.reset()
    return number


@app.get("/closed")
async def close_early(session: CommittingSession) -> None:
    await session.close()


# --8<-- [end:early]

with TestClient(app) as client:
    # --8<-- [start:ask]
    print(client.post("/each", json=["kettle", "toaster"]).text.split(), client.get("/count").text)
    #> ['1', '2'] 2
    print(client.post("/whole", json=["lamp", "desk"]).text.split(), client.get("/count").text)
    #> ['3', '4'] 4
    try:
        client.post("/whole", json=["chair", ""])
    except ValueError as error:
        print(f"{type(error).__name__}, orders stored: {client.get('/count').text}")
        #> ValueError, orders stored: 4
    try:
        client.post("/refused")
    except RuntimeError as error:
        print(str(error).partition(":")[0])
        #> store_too_late() yields, so it would use this session after its end
    try:
        client.get("/closed")
    except InvalidRequestError as error:
        print(str(error).partition(" and ")[0])
        #> This Session has been permanently closed
    # --8<-- [end:ask]
