# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi", "httpx", "uvicorn",
# ]
# ///
import asyncio
import os
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Annotated

import httpx
import uvicorn
from fastapi import Depends, FastAPI
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.pool import NullPool
from starlette.types import Receive, Scope, Send

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")

with warnings.catch_warnings():
    # It would rather have httpx2.
    warnings.simplefilter("ignore")
    from fastapi.testclient import TestClient


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)


# TestClient runs the application in an event loop of its own: no connection may outlive it.
engine = create_async_engine(
    DATABASE_URL,
    poolclass=NullPool,
)
session_factory = async_sessionmaker(engine)
app = FastAPI()


async def get_session() -> AsyncIterator[AsyncSession]:
    async with session_factory() as session:
        yield session
        await session.commit()


# --8<-- [start:endpoint]
@app.post("/users", status_code=201)
async def create_user(
    email: str, session: Annotated[AsyncSession, Depends(get_session)]
) -> str:
    session.add(User(email=email))
    return email


# --8<-- [end:endpoint]


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


TAKEN = "/users?email=ada@example.org"


# --8<-- [start:clients]
async def real_client() -> int:
    async with serving() as client:
        return (await client.post(TAKEN)).status_code


async def asgi_transport(raise_app_exceptions: bool = True) -> int:
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=raise_app_exceptions)
    async with httpx.AsyncClient(transport=transport, base_url="http://app") as client:
        return (await client.post(TAKEN)).status_code


async def test_client(raise_server_exceptions: bool = True) -> int:
    client = TestClient(app, raise_server_exceptions=raise_server_exceptions)
    status: int = (await asyncio.to_thread(client.post, TAKEN)).status_code
    return status


# --8<-- [end:clients]

CLIENTS: dict[str, Callable[[], Awaitable[int]]] = {
    "a real client": real_client,
    "ASGITransport(app)": asgi_transport,
    "ASGITransport(app, raise_app_exceptions=False)": lambda: asgi_transport(False),
    "TestClient(app)": test_client,
    "TestClient(app, raise_server_exceptions=False)": lambda: test_client(False),
}


async def main() -> None:
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        async with session_factory.begin() as session:
            session.add(User(email="ada@example.org"))
        # --8<-- [start:table]
        print("asked through | and it has")
        #> asked through | and it has
        for name, ask in CLIENTS.items():
            try:
                has = str(await ask())
            except Exception as error:
                has = f"raised {type(error).__name__}"
            print(f"{name} | {has}")
            #> a real client | 201
            #> ASGITransport(app) | raised IntegrityError
            #> ASGITransport(app, raise_app_exceptions=False) | 201
            #> TestClient(app) | raised IntegrityError
            #> TestClient(app, raise_server_exceptions=False) | 201
        # --8<-- [end:table]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
