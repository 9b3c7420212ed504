# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi>=0.121.1", "httpx"]
# ///
import asyncio
import os
from collections.abc import AsyncIterator
from typing import Annotated

import httpx
from fastapi import Depends, FastAPI
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Entry(Base):
    __tablename__ = "entries"

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]


engine = create_async_engine(DATABASE_URL)
session_factory = async_sessionmaker(engine, expire_on_commit=False, close_resets_only=False)
app = FastAPI()


# --8<-- [start:dependencies]
async def get_session() -> AsyncIterator[AsyncSession]:
    async with session_factory() as session:
        yield session


SessionDep = Annotated[AsyncSession, Depends(get_session, scope="function")]


async def commit(session: SessionDep) -> AsyncIterator[None]:
    yield
    await session.commit()


async def audit(session: SessionDep) -> AsyncIterator[None]:
    yield
    session.add(Entry(text="audit"))


# --8<-- [end:dependencies]


# --8<-- [start:endpoint]
@app.post(
    "/entries",
    status_code=201,
    dependencies=[
        Depends(commit, scope="function"),
        Depends(audit, scope="function"),
    ],
)
async def create_entry(session: SessionDep) -> None:
    session.add(Entry(text="entry"))


# --8<-- [end:endpoint]


async def main() -> None:
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        # --8<-- [start:client]
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            response = await client.post("/entries")
        async with session_factory() as session:
            stored = await session.scalars(select(Entry.text).order_by(Entry.text))
            texts = stored.all()
        print(response.status_code, texts)
        #> 201 ['audit', 'entry']
        assert "audit" in texts, "the entry of the audit is lost"
        # --8<-- [end:client]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
