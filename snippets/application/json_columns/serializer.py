# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import functools
import json
import os
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import JSON
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Event(Base):
    __tablename__ = "events"

    id: Mapped[int] = mapped_column(primary_key=True)
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB().with_variant(JSON(), "sqlite"))


# --8<-- [start:engine]
def make_engine() -> AsyncEngine:
    to_json = functools.partial(json.dumps, default=str)
    return create_async_engine(DATABASE_URL, json_serializer=to_json)


# --8<-- [end:engine]


async def main() -> None:
    engine = make_engine()
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine, expire_on_commit=False)
        # --8<-- [start:store]
        payload = {"at": datetime(2026, 1, 31), "sum": Decimal("9.90"), "key": UUID(int=1)}
        async with session_factory.begin() as session:
            session.add(Event(payload=payload))
        async with session_factory() as session:
            event = await session.get_one(Event, 1)
        for key in payload:
            print(key, repr(event.payload[key]))
            #> at '2026-01-31 00:00:00'
            #> sum '9.90'
            #> key '00000000-0000-0000-0000-000000000001'
        # --8<-- [end:store]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
