# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0.22", "psycopg[binary]", "fastapi>=0.163", "httpx", "uvicorn",
# ]
# ///
# drivers: psycopg (it is the only one of the three that works for both, with the same URL)
import asyncio
import os
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Annotated

import httpx
import uvicorn
from fastapi import Depends, FastAPI
from sqlalchemy import create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker
from starlette.types import Receive, Scope, Send

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+psycopg://user:password@localhost/test"
)


class Base(DeclarativeBase):
    pass


class Customer(Base):
    __tablename__ = "customers"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


# --8<-- [start:app]
engine = create_engine(
    DATABASE_URL,
    pool_size=5,
    max_overflow=10,
)
session_factory = sessionmaker(engine)
app = FastAPI()


def get_session() -> Iterator[Session]:
    with session_factory() as session:
        yield session


# As many requests as the pool has connections. The others wait, without a thread.
SessionDep = Annotated[
    Session,
    Depends(get_session, max_concurrency=15),
]


@app.get("/customers/{customer_id}")
def read_customer(customer_id: int, session: SessionDep) -> dict[str, str]:
    customer = session.get_one(Customer, customer_id)
    thread = threading.current_thread().name
    return {"name": customer.name, "thread": thread}


# --8<-- [end:app]


server_log: list[Exception] = []


async def watched(scope: Scope, receive: Receive, send: Send) -> None:
    """The application; what uvicorn would write to its log is kept in a list."""
    try:
        await app(scope, receive, send)
    except Exception as error:
        server_log.append(error)


@asynccontextmanager
async def serving() -> AsyncIterator[httpx.AsyncClient]:
    """A client of a real server on a free port."""
    server = uvicorn.Server(uvicorn.Config(watched, port=0, lifespan="off", log_level="critical"))
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
        Base.metadata.drop_all(engine)
        Base.metadata.create_all(engine)
        with session_factory.begin() as session:
            session.add(Customer(id=1, name="Ada"))
        # --8<-- [start:ask]
        async with serving() as client:
            answer = (await client.get("/customers/1")).json()
        print(answer["name"], "from", answer["thread"])
        #> Ada from AnyIO worker thread
        # --8<-- [end:ask]
    finally:
        engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
