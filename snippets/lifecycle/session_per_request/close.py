# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi>=0.121", "httpx"]
# ///
import asyncio
import gc
import os
from collections.abc import AsyncIterator
from typing import Annotated

import httpx
from fastapi import Depends, FastAPI, HTTPException
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)


engine = create_async_engine(DATABASE_URL)
session_factory = async_sessionmaker(engine, expire_on_commit=False, close_resets_only=False)
app = FastAPI()


# --8<-- [start:dependency]
async def get_session() -> AsyncIterator[AsyncSession]:
    session = session_factory()
    try:
        yield session
    finally:
        await session.close()


SessionDep = Annotated[AsyncSession, Depends(get_session, scope="function")]
# --8<-- [end:dependency]


# --8<-- [start:endpoint]
@app.get("/users/{user_id}")
async def read_user(user_id: int, session: SessionDep) -> int:
    user = await session.get(User, user_id)
    if user is None:
        raise HTTPException(404)
    return user.id


# --8<-- [end:endpoint]


async def main() -> None:
    gc.disable()  # Of itself, it would collect at another moment in each run.
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        # --8<-- [start:client]
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            response = await client.get("/users/1")
        held = engine.sync_engine.pool.checkedout()  # type: ignore[attr-defined]
        print(f"{response.status_code}, connections held: {held}")
        #> 404, connections held: 0
        # --8<-- [end:client]
        gc.collect()
        await asyncio.sleep(0.2)  # A lost connection is closed in the background.
        assert held == 0, "only the garbage collector will find this connection"
    finally:
        gc.enable()
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
