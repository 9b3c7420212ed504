# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi>=0.121", "httpx"]
# ///
import asyncio
import os
from collections.abc import AsyncIterator
from typing import Annotated

import httpx
from fastapi import Depends, FastAPI, Request
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


# --8<-- [start:model]
class Order(Base):
    __tablename__ = "orders"

    number: Mapped[str] = mapped_column(primary_key=True)


class Message(Base):
    __tablename__ = "outbox"

    id: Mapped[int] = mapped_column(primary_key=True)
    body: Mapped[str]


# --8<-- [end:model]


app = FastAPI()


# --8<-- [start:dependency]
async def get_session(request: Request) -> AsyncIterator[AsyncSession]:
    async with request.app.state.session_factory() as session:
        yield session
        await session.commit()


# --8<-- [end:dependency]

SessionDep = Annotated[AsyncSession, Depends(get_session, scope="function")]

published: list[str] = []


async def publish(body: str) -> None:
    """Your broker, a mail server, the API of a payment service."""
    published.append(body)


# --8<-- [start:endpoint]
@app.post("/orders/{number}", status_code=201)
async def create_order(number: str, session: SessionDep) -> None:
    session.add(Order(number=number))
    session.add(Message(body=f"order {number} placed"))


# --8<-- [end:endpoint]


async def relay(session_factory: async_sessionmaker[AsyncSession]) -> None:
    """Publishes what waits in the outbox."""
    async with session_factory.begin() as session:
        for message in await session.scalars(select(Message).order_by(Message.id)):
            await publish(message.body)
            await session.delete(message)


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine, expire_on_commit=False, close_resets_only=False)
        app.state.session_factory = session_factory
        # --8<-- [start:ask]
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            first = await client.post("/orders/A-1")
            second = await client.post("/orders/A-1")
            print(first.status_code, second.status_code)
            #> 201 500
        await relay(session_factory)
        async with session_factory() as session:
            stored = await session.scalar(select(func.count()).select_from(Order))
            print(f"{stored} order, published: {published}")
            #> 1 order, published: ['order A-1 placed']
        # --8<-- [end:ask]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
