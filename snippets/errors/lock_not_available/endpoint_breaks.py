# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "asyncpg", "psycopg[binary]", "fastapi", "httpx"]
# ///
# drivers: asyncpg, psycopg (SQLite has no row locks)
# raises: sqlalchemy.exc.DBAPIError, sqlalchemy.exc.OperationalError
import asyncio
import os
import sys
from collections.abc import AsyncIterator
from typing import Annotated

import httpx
from fastapi import Depends, FastAPI, HTTPException
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


class Base(DeclarativeBase):
    pass


class Seat(Base):
    __tablename__ = "seats"

    id: Mapped[int] = mapped_column(primary_key=True)
    taken_by: Mapped[str | None]


engine = create_async_engine(DATABASE_URL)
session_factory = async_sessionmaker(engine)
app = FastAPI()


async def get_session() -> AsyncIterator[AsyncSession]:
    async with session_factory() as session:
        yield session


# --8<-- [start:endpoint]
@app.post("/seats/{seat_id}")
async def take_seat(
    seat_id: int, name: str, session: Annotated[AsyncSession, Depends(get_session)]
) -> str:
    seat = await session.get_one(Seat, seat_id, with_for_update={"nowait": True})
    if seat.taken_by is not None:
        raise HTTPException(409, "this seat is taken")
    seat.taken_by = name
    await session.commit()
    return "yours"


# --8<-- [end:endpoint]


async def main() -> None:
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        async with session_factory.begin() as session:
            session.add(Seat(id=1))
        # --8<-- [start:client]
        transport = httpx.ASGITransport(app=app)
        async with (
            session_factory.begin() as ada,
            httpx.AsyncClient(transport=transport, base_url="http://app") as grace,
        ):
            await ada.get_one(Seat, 1, with_for_update=True)
            response = await grace.post("/seats/1?name=Grace")
            print(response.status_code, response.text)
        # --8<-- [end:client]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
