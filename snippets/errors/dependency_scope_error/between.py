# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi>=0.121", "httpx",
# ]
# ///
# also: fastapi==0.121.*
import asyncio
import os
from collections.abc import AsyncIterator
from typing import Annotated

import httpx
from fastapi import Depends, FastAPI
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Visit(Base):
    __tablename__ = "visits"

    id: Mapped[int] = mapped_column(primary_key=True)


class Visits:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    def add(self) -> None:
        self.session.add(Visit())


engine = create_async_engine(DATABASE_URL)
session_factory = async_sessionmaker(engine, expire_on_commit=False)
app = FastAPI()


# --8<-- [start:dependencies]
async def get_session() -> AsyncIterator[AsyncSession]:
    async with session_factory() as session:
        yield session
        await session.commit()


async def get_visits(
    session: Annotated[AsyncSession, Depends(get_session, scope="function")],
) -> Visits:
    return Visits(session)


async def count_visit(visits: Annotated[Visits, Depends(get_visits)]) -> AsyncIterator[None]:
    yield
    visits.add()


@app.get("/greeting", dependencies=[Depends(count_visit, scope="function")])
async def greeting() -> str:
    return "Hello"


# --8<-- [end:dependencies]


async def main() -> None:
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        transport = httpx.ASGITransport(app=app)
        # --8<-- [start:ask]
        async with httpx.AsyncClient(transport=transport, base_url="http://app") as client:
            response = await client.get("/greeting")
        async with session_factory() as session:
            stored = await session.scalar(select(func.count(Visit.id)))
        print(f"{response.status_code}, visits stored: {stored}")
        #> 200, visits stored: 1
        assert stored == 1, "the visit was added to a session that was closed"
        # --8<-- [end:ask]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
