# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi", "httpx"]
# ///
import os
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends, FastAPI
from sqlalchemy import func, select
from sqlalchemy.exc import UnboundExecutionError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")

with warnings.catch_warnings():
    # Starlette prefers another client library by now.
    warnings.simplefilter("ignore")
    from fastapi.testclient import TestClient


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)


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


app = FastAPI(lifespan=lifespan)


async def get_session() -> AsyncIterator[AsyncSession]:
    async with session_factory() as session:
        yield session


@app.get("/users/count")
async def count_users(session: Annotated[AsyncSession, Depends(get_session)]) -> int | None:
    return await session.scalar(select(func.count()).select_from(User))


def main() -> None:
    # --8<-- [start:test]
    outside, inside = "", ""
    try:
        TestClient(app).get("/users/count")
    except UnboundExecutionError:
        outside = "UnboundExecutionError"
    with TestClient(app) as client:
        inside = client.get("/users/count").text
    print(f"without `with`: {outside}; with it: {inside} users")
    #> without `with`: UnboundExecutionError; with it: 0 users
    # --8<-- [end:test]


if __name__ == "__main__":
    main()
