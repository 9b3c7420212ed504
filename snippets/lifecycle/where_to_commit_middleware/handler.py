# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi>=0.121", "httpx", "uvicorn",
# ]
# ///
import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Annotated

import httpx
import uvicorn
from fastapi import Depends, FastAPI, Request, Response
from fastapi.responses import JSONResponse
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    email: Mapped[str] = mapped_column(primary_key=True)


engine = create_async_engine(DATABASE_URL)
session_factory = async_sessionmaker(engine, expire_on_commit=False)
app = FastAPI()


@app.middleware("http")
async def one_transaction(
    request: Request, call_next: Callable[[Request], Awaitable[Response]]
) -> Response:
    async with session_factory() as session:
        request.state.session = session
        response = await call_next(request)
        if response.status_code < 400:
            await session.commit()
        return response


# --8<-- [start:handler]
@app.exception_handler(IntegrityError)
async def conflict(request: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"detail": "exists already"}, status_code=409)


@app.post("/middleware", status_code=201)
async def commit_in_the_middleware(email: str, request: Request) -> None:
    request.state.session.add(User(email=email))


# --8<-- [end:handler]


# --8<-- [start:dependency]
async def get_session() -> AsyncIterator[AsyncSession]:
    async with session_factory() as session:
        yield session
        await session.commit()


SessionDep = Annotated[AsyncSession, Depends(get_session, scope="function")]


@app.post("/dependency", status_code=201)
async def commit_in_the_dependency(email: str, session: SessionDep) -> None:
    session.add(User(email=email))


# --8<-- [end:dependency]


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
        async with session_factory.begin() as session:
            session.add(User(email="ada@example.org"))
        # --8<-- [start:client]
        async with serving() as client:
            for path in "/middleware", "/dependency":
                response = await client.post(path, params={"email": "ada@example.org"})
                print(f"{path}: {response.status_code} {response.text}")
                #> /middleware: 500 Internal Server Error
                #> /dependency: 409 {"detail":"exists already"}
        # --8<-- [end:client]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
