# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi>=0.121", "httpx", "uvicorn",
# ]
# ///
# unrecorded: eight applications, of which two commit after the response, and what matters is their answers
import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Literal

import httpx
import uvicorn
from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)


engine = create_async_engine(DATABASE_URL)
session_factory = async_sessionmaker(engine, expire_on_commit=False, close_resets_only=False)


async def get_session() -> AsyncIterator[AsyncSession]:
    async with session_factory() as session:
        yield session
        await session.commit()


# --8<-- [start:application]
def application(scope: Literal["function", "request"], flush: bool, handler: bool) -> FastAPI:
    app = FastAPI()

    @app.post("/users", status_code=201)
    async def sign_up(
        email: str, session: Annotated[AsyncSession, Depends(get_session, scope=scope)]
    ) -> None:
        try:
            session.add(User(email=email))
            if flush:
                await session.flush()
        except IntegrityError:
            if handler:
                raise
            raise HTTPException(409) from None

    if handler:

        @app.exception_handler(IntegrityError)
        async def conflict(_: Request, error: IntegrityError) -> JSONResponse:
            return JSONResponse({"detail": "already exists"}, status_code=409)

    return app


# --8<-- [end:application]


@asynccontextmanager
async def serving(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
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
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    async with session_factory.begin() as session:
        session.add(User(email="ada@example.org"))
    every = FastAPI()
    try:
        # --8<-- [start:table]
        print("flush in the endpoint | commit | `try` in the endpoint | exception handler")
        #> flush in the endpoint | commit | `try` in the endpoint | exception handler
        for flush in True, False:
            for scope in "function", "request":
                row = ["yes" if flush else "no", f'`scope="{scope}"`']
                for handler in False, True:
                    path = f"/{scope}-{flush}-{handler}"
                    every.mount(path, application(scope, flush, handler))
                    async with serving(every) as client:
                        answer = await client.post(f"{path}/users?email=ada@example.org")
                        row.append(str(answer.status_code))
                print(" | ".join(row))
                #> yes | `scope="function"` | 409 | 409
                #> yes | `scope="request"` | 409 | 409
                #> no | `scope="function"` | 500 | 409
                #> no | `scope="request"` | 201 | 201
        # --8<-- [end:table]
        async with session_factory() as session:
            assert await session.scalar(select(func.count(User.id))) == 1
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
