# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi"]
# ///
import asyncio
import os
from collections.abc import AsyncIterator

from fastapi import FastAPI, WebSocket
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from starlette.types import Message

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Price(Base):
    __tablename__ = "prices"

    item: Mapped[str] = mapped_column(primary_key=True)
    cents: Mapped[int]


engine = create_async_engine(
    DATABASE_URL,
    pool_size=1,
    max_overflow=0,
    pool_timeout=0.5,
)
session_factory = async_sessionmaker(engine, expire_on_commit=False)
app = FastAPI()


async def get_session() -> AsyncIterator[AsyncSession]:
    async with session_factory() as session:
        yield session


# --8<-- [start:socket]
@app.websocket("/prices")
async def prices(websocket: WebSocket) -> None:
    await websocket.accept()
    async for item in websocket.iter_text():
        async with session_factory() as session:
            cents = await session.scalar(select(Price.cents).where(Price.item == item))
        await websocket.send_text(f"{item}: {cents}")


# --8<-- [end:socket]


class Browser:
    """A WebSocket client that hands its messages to the application without a network."""

    def __init__(self) -> None:
        self.to_app: asyncio.Queue[Message] = asyncio.Queue()
        self.from_app: asyncio.Queue[Message] = asyncio.Queue()
        self.to_app.put_nowait({"type": "websocket.connect"})
        scope = {"type": "websocket", "path": "/prices", "headers": [], "query_string": b""}
        self.connection = asyncio.ensure_future(
            app(scope, self.to_app.get, self.from_app.put)
        )

    async def ask(self, item: str) -> str:
        self.to_app.put_nowait({"type": "websocket.receive", "text": item})
        while True:
            answer = asyncio.ensure_future(self.from_app.get())
            await asyncio.wait([answer, self.connection], return_when=asyncio.FIRST_COMPLETED)
            if not answer.done():
                answer.cancel()
                await self.connection  # The application gave up: raise what it raised.
            if "text" in answer.result():
                return str(answer.result()["text"])

    async def leave(self) -> None:
        self.to_app.put_nowait({"type": "websocket.disconnect", "code": 1000})
        await asyncio.gather(self.connection, return_exceptions=True)


async def main() -> None:
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        async with session_factory.begin() as session:
            session.add(Price(item="desk", cents=19900))
        # --8<-- [start:ask]
        first, second = Browser(), Browser()
        try:
            print(await first.ask("desk"))
            #> desk: 19900
            print(await second.ask("desk"))
            #> desk: 19900
        finally:
            await first.leave()
            await second.leave()
        # --8<-- [end:ask]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
