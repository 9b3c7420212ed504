# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]",
#     "fastapi", "httpx",
# ]
# ///
import asyncio
import os
from collections.abc import AsyncIterator
from typing import Annotated

import httpx
from fastapi import Depends, FastAPI, HTTPException
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.orm.exc import StaleDataError

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


# --8<-- [start:model]
class Document(Base):
    __tablename__ = "documents"

    id: Mapped[int] = mapped_column(primary_key=True)
    body: Mapped[str]
    version: Mapped[int] = mapped_column()
    __mapper_args__ = {"version_id_col": version}


# --8<-- [end:model]


engine = create_async_engine(DATABASE_URL)
session_factory = async_sessionmaker(engine)
app = FastAPI()


async def get_session() -> AsyncIterator[AsyncSession]:
    async with session_factory() as session:
        yield session


# --8<-- [start:endpoint]
@app.put("/documents/{document_id}", status_code=204)
async def save(
    document_id: int, body: str, session: Annotated[AsyncSession, Depends(get_session)]
) -> None:
    document = await session.get_one(Document, document_id)
    document.body = await check_spelling(body)
    try:
        await session.commit()
    except StaleDataError:
        raise HTTPException(409, "Somebody else has changed it: load it again") from None


# --8<-- [end:endpoint]


# --8<-- [start:meanwhile]
async def check_spelling(body: str) -> str:
    """It takes a while, and meanwhile somebody else saves the same document."""
    async with session_factory.begin() as session:
        document = await session.get_one(Document, 1)
        document.body = "theirs"
    return body


# --8<-- [end:meanwhile]


# --8<-- [start:ask]
async def ask() -> None:
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://app") as client:
        response = await client.put("/documents/1?body=mine")
        print(response.status_code, response.text)
        #> 409 {"detail":"Somebody else has changed it: load it again"}


# --8<-- [end:ask]


async def main() -> None:
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        async with session_factory.begin() as session:
            session.add(Document(id=1, body="draft"))
        await ask()
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
