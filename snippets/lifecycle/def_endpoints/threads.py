# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy>=2.0", "psycopg[binary]", "fastapi", "httpx", "uvicorn"]
# ///
# drivers: psycopg (it is the only one of the three that has a synchronous engine)
# without: fastapi==0.105.* (there, how many threads wait varies from run to run)
# unrecorded: 60 requests in 40 threads come in another order each time
import asyncio
import os
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Annotated

import httpx
import uvicorn
from fastapi import Depends, FastAPI
from sqlalchemy import create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker
from sqlalchemy.pool import QueuePool

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+psycopg://user:password@localhost/test"
)


class Base(DeclarativeBase):
    pass


class Customer(Base):
    __tablename__ = "customers"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


engine = create_engine(
    DATABASE_URL,
    pool_size=5,
    max_overflow=0,
    pool_timeout=5,
)
session_factory = sessionmaker(engine)
all_are_here = asyncio.Barrier(60)
app = FastAPI(dependencies=[Depends(all_are_here.wait)])


def get_session() -> Iterator[Session]:
    with session_factory() as session:
        yield session


SessionDep = Annotated[
    Session,
    Depends(get_session),
]


@app.get("/customers/{customer_id}")
def read_customer(customer_id: int, session: SessionDep) -> dict[str, str]:
    return {"name": session.get_one(Customer, customer_id).name}


@asynccontextmanager
async def serving() -> AsyncIterator[httpx.AsyncClient]:
    """A client of a real server on a free port."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, lifespan="off", log_level="critical"))
    task = asyncio.create_task(server.serve())
    try:
        while not server.started:
            await asyncio.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
            yield client
    finally:
        server.should_exit = True
        await task


# --8<-- [start:count]
def waiting_threads() -> int:
    """SQLAlchemy's pool calls `QueuePool._do_get` and waits there."""
    waiting = 0
    for frame in sys._current_frames().values():
        while frame.f_back is not None and frame.f_code.co_name != "_do_get":
            frame = frame.f_back
        waiting += frame.f_code.co_name == "_do_get"
    return waiting


# --8<-- [end:count]


async def main() -> None:
    try:
        Base.metadata.drop_all(engine)
        Base.metadata.create_all(engine)
        with session_factory.begin() as session:
            session.add(Customer(id=1, name="Ada"))
        assert isinstance(engine.pool, QueuePool)
        async with serving() as client:
            # --8<-- [start:look]
            sixty = (client.get("/customers/1") for _ in range(60))
            asked = asyncio.gather(*sixty)
            while waiting_threads() < 40 and not asked.done():
                await asyncio.sleep(0.01)
            print("threads that wait for a connection:", waiting_threads())
            #> threads that wait for a connection: 40
            print("connections that wait for a thread:", engine.pool.checkedout())
            #> connections that wait for a thread: 5
            # --8<-- [end:look]
            await asked
    finally:
        engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
