# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi", "httpx"]
# ///
import asyncio
import os
from collections.abc import AsyncIterator
from typing import Annotated

import httpx
from fastapi import Depends, FastAPI
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Document(Base):
    __tablename__ = "documents"

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]


# --8<-- [start:engine]
engine = create_async_engine(DATABASE_URL, pool_size=2, max_overflow=0, pool_timeout=0.3)
session_factory = async_sessionmaker(engine, expire_on_commit=False)
# --8<-- [end:engine]
app = FastAPI()
asked, answered = asyncio.Event(), asyncio.Event()


async def get_session() -> AsyncIterator[AsyncSession]:
    async with session_factory() as session:
        yield session


async def ask_the_model(text: str) -> str:
    """Stands for a slow service: it answers when the test says so."""
    asked.set()
    await answered.wait()
    return f"{len(text.split())} words"


# --8<-- [start:endpoint]
@app.get("/summaries/{document_id}")
async def summarise(
    document_id: int, session: Annotated[AsyncSession, Depends(get_session)]
) -> str:
    document = await session.get_one(Document, document_id)
    await session.commit()
    return await ask_the_model(document.text)


# --8<-- [end:endpoint]


# --8<-- [start:three]
async def three_at_once() -> None:
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://app") as client:
        requests = []
        for _ in range(3):
            asked.clear()
            request = asyncio.create_task(client.get("/summaries/1"))
            request.add_done_callback(lambda _: asked.set())  # Or has failed.
            requests.append(request)
            await asked.wait()
        answered.set()
        for request in requests:
            response = await request
            print(response.status_code, response.text)
            #> 200 "3 words"
            #> 200 "3 words"
            #> 200 "3 words"


# --8<-- [end:three]


async def main() -> None:
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        async with session_factory.begin() as session:
            session.add(Document(id=1, text="Call me Ishmael."))
        await three_at_once()
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
