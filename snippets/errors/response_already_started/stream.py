# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi", "httpx"]
# ///
import asyncio
import os
from collections.abc import AsyncIterator

import httpx
from fastapi import FastAPI, HTTPException
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from starlette.responses import StreamingResponse

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


engine = create_async_engine(DATABASE_URL)
session_factory = async_sessionmaker(engine, expire_on_commit=False)
app = FastAPI()


# --8<-- [start:stream]
@app.get("/users/{user_id}.txt")
async def export(user_id: int) -> StreamingResponse:
    async def lines() -> AsyncIterator[str]:
        yield "name\n"
        async with session_factory() as session:
            user = await session.get(User, user_id)
        if user is None:
            raise HTTPException(404)
        yield user.name

    return StreamingResponse(lines())


# --8<-- [end:stream]


async def main() -> None:
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://app") as client:
            # --8<-- [start:client]
            try:
                await client.get("/users/404.txt")
            except RuntimeError as error:
                print(f"RuntimeError: {error}")
                #> RuntimeError: Caught handled exception, but response already started.
            # --8<-- [end:client]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
