# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi", "httpx"]
# ///
import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

import httpx
from fastapi import Depends, FastAPI
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)


# --8<-- [start:app]
session_factory = async_sessionmaker(expire_on_commit=False)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    engine = create_async_engine(DATABASE_URL)
    session_factory.configure(bind=engine)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        yield
    finally:
        await engine.dispose()


# --8<-- [end:app]


app = FastAPI(lifespan=lifespan)


async def get_session() -> AsyncIterator[AsyncSession]:
    async with session_factory() as session:
        yield session


# --8<-- [start:endpoint]
@app.get("/users/count")
async def count_users(session: Annotated[AsyncSession, Depends(get_session)]) -> int | None:
    return await session.scalar(select(func.count()).select_from(User))


# --8<-- [end:endpoint]


async def main() -> None:
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://app") as client:
            # --8<-- [start:ask]
            response = await client.get("/users/count")
            print(response.status_code, response.text)
            #> 200 0
            # --8<-- [end:ask]


if __name__ == "__main__":
    asyncio.run(main())
