# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
from __future__ import annotations

import asyncio
import os

from sqlalchemy import ForeignKey, inspect
from sqlalchemy.ext.asyncio import (
    AsyncSession,
    async_object_session,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    status: Mapped[str]
    notes: Mapped[str] = mapped_column(deferred=True)
    items: Mapped[list[Item]] = relationship()


class Item(Base):
    __tablename__ = "items"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))


# --8<-- [start:ask]
async def ask(session: AsyncSession) -> None:
    order = await session.get_one(Order, 1)
    state = inspect(order)
    print(state.persistent, state.identity)
    #> True (1,)
    print("not loaded:", sorted(state.unloaded))
    #> not loaded: ['items', 'notes']
    print("expired:", sorted(state.expired_attributes))
    #> expired: []

    session.expire(order)
    print("expired:", sorted(state.expired_attributes))
    #> expired: ['id', 'items', 'notes', 'status']
    print(state.persistent, state.identity)
    #> True (1,)

    print(state.async_session is session, async_object_session(order) is session)
    #> True True
    print(state.session is session.sync_session)
    #> True
    await session.close()
    print(state.detached, state.async_session)
    #> True None


# --8<-- [end:ask]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine, expire_on_commit=False)
        async with session_factory.begin() as session:
            session.add(Order(id=1, status="open", notes="gift"))
        async with session_factory() as session:
            await ask(session)
    finally:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
