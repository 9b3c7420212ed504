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
from datetime import datetime
from typing import Annotated

import httpx
from fastapi import Depends, FastAPI
from pydantic import BaseModel
from sqlalchemy import func
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


# --8<-- [start:model]
class Base(DeclarativeBase):
    __mapper_args__ = {"eager_defaults": True}


class Invoice(Base):
    __tablename__ = "invoices"

    id: Mapped[int] = mapped_column(primary_key=True)
    status: Mapped[str]
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=func.now())


# --8<-- [end:model]


class InvoiceOut(BaseModel):
    status: str
    updated_at: datetime


engine = create_async_engine(DATABASE_URL)
session_factory = async_sessionmaker(engine, expire_on_commit=False)
app = FastAPI()


async def get_session() -> AsyncIterator[AsyncSession]:
    async with session_factory() as session:
        yield session


# --8<-- [start:endpoint]
@app.patch("/invoices/{invoice_id}", response_model=InvoiceOut)
async def pay(
    invoice_id: int, session: Annotated[AsyncSession, Depends(get_session)]
) -> Invoice:
    invoice = await session.get_one(Invoice, invoice_id)
    invoice.status = "paid"
    await session.commit()
    return invoice


# --8<-- [end:endpoint]


# --8<-- [start:ask]
async def ask() -> None:
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://app") as client:
        response = await client.patch("/invoices/1")
        print(response.status_code, list(response.json()))
        #> 200 ['status', 'updated_at']


# --8<-- [end:ask]


async def main() -> None:
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        async with session_factory.begin() as session:
            session.add(Invoice(id=1, status="open"))
        await ask()
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
