# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi>=0.134", "httpx", "uvicorn",
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
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Booking(Base):
    __tablename__ = "bookings"

    id: Mapped[int] = mapped_column(primary_key=True)
    account: Mapped[str]
    cents: Mapped[int]


engine = create_async_engine(DATABASE_URL)
session_factory = async_sessionmaker(engine, expire_on_commit=False)
app = FastAPI()
over = asyncio.Event()


# --8<-- [start:dependency]
async def get_session() -> AsyncIterator[AsyncSession]:
    async with session_factory() as session:
        yield session
    over.set()


SessionDep = Annotated[AsyncSession, Depends(get_session)]
# --8<-- [end:dependency]


# --8<-- [start:endpoint]
@app.post("/transfer")
async def transfer(session: SessionDep) -> AsyncIterator[str]:
    session.add(Booking(account="Ada", cents=-500))
    await session.flush()
    yield "taken from Ada"
    await asyncio.sleep(60)  # Stands for slow work, during which the client hangs up.
    session.add(Booking(account="Grace", cents=500))
    await session.flush()
    yield "given to Grace"
    await session.commit()


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
        # --8<-- [start:proof]
        async with serving() as client:
            async with client.stream("POST", "/transfer") as response:
                print(await anext(response.aiter_lines()))
                #> "taken from Ada"
            await over.wait()
        async with session_factory() as session:
            bookings = (await session.execute(select(Booking.account, Booking.cents))).all()
        print(f"stored: {bookings}")
        #> stored: []
        assert sum(cents for _, cents in bookings) == 0, "half of a transfer is stored"
        # --8<-- [end:proof]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
