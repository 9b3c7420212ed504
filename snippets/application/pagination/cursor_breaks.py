# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi>=0.121", "httpx", "uvicorn",
# ]
# ///
# silent: four of six orders are on no page
import asyncio
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Annotated, TypedDict

import httpx
import uvicorn
from fastapi import Depends, FastAPI, HTTPException, Query
from fastapi.requests import HTTPConnection
from pydantic import BaseModel, Field, field_validator
from sqlalchemy import DateTime, Index, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


# --8<-- [start:model]
class Order(Base):
    __tablename__ = "orders"
    __table_args__ = (Index("orders_created_at_id", "created_at", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


# --8<-- [end:model]


class State(TypedDict):
    session_factory: async_sessionmaker[AsyncSession]


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[State]:
    engine = create_async_engine(DATABASE_URL)
    try:
        yield {"session_factory": async_sessionmaker(engine, expire_on_commit=False, close_resets_only=False)}
    finally:
        await engine.dispose()


app = FastAPI(lifespan=lifespan)


async def get_session(connection: HTTPConnection) -> AsyncIterator[AsyncSession]:
    async with connection.state.session_factory() as session:
        yield session
        await session.commit()


SessionDep = Annotated[AsyncSession, Depends(get_session, scope="function")]


# --8<-- [start:cursor]
class Cursor(BaseModel):
    created_at: datetime
    id: Annotated[int, Field(ge=1, le=2**31 - 1)]

    @field_validator("created_at")
    @classmethod
    def has_a_utc_value(cls, value: datetime) -> datetime:
        if not 1 < value.year < 9999:
            raise ValueError("at the edge of the calendar")
        return value


def encode(order: Order) -> str:
    cursor = Cursor(created_at=order.created_at, id=order.id)
    return urlsafe_b64encode(cursor.model_dump_json().encode()).decode()


def read_cursor(after: str | None = None) -> Cursor | None:
    if after is None:
        return None
    try:
        return Cursor.model_validate_json(urlsafe_b64decode(after))
    except ValueError:
        raise HTTPException(422, "this cursor is not ours") from None


# --8<-- [end:cursor]


class OrderOut(BaseModel):
    id: int
    created_at: datetime


class Page(BaseModel):
    items: list[OrderOut]
    next: str | None


# --8<-- [start:endpoint]
@app.get("/orders", response_model=Page)
async def list_orders(
    session: SessionDep,
    after: Annotated[Cursor | None, Depends(read_cursor)],
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> dict[str, object]:
    newest_first = Order.created_at.desc(), Order.id.desc()
    query = select(Order).order_by(*newest_first).limit(limit + 1)
    if after is not None:
        query = query.where(Order.created_at < after.created_at)
    orders = (await session.scalars(query)).all()
    page, more = orders[:limit], len(orders) > limit
    return {"items": page, "next": encode(page[-1]) if more else None}


# --8<-- [end:endpoint]


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


async def create_tables(database_url: str) -> None:
    """Five orders that were imported at the same moment, and a later one."""
    engine = create_async_engine(database_url)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    async with AsyncSession(engine) as session, session.begin():
        imported = datetime(2026, 5, 1, 12, tzinfo=UTC)
        session.add_all([Order(id=number, created_at=imported) for number in range(1, 6)])
        session.add(Order(id=6, created_at=imported + timedelta(seconds=1)))
    await engine.dispose()


async def main() -> None:
    await create_tables(DATABASE_URL)
    async with serving(app) as client:
        # --8<-- [start:pages]
        parameters: dict[str, str] = {"limit": "2"}
        while True:
            page = (await client.get("/orders", params=parameters)).json()
            print([order["id"] for order in page["items"]])
            #> [6, 5]
            #> []
            if page["next"] is None:
                break
            parameters["after"] = page["next"]
        # --8<-- [end:pages]
        # --8<-- [start:forged]
        edge = urlsafe_b64encode(b'{"created_at": "0001-01-01T00:00+14:00", "id": 1}').decode()
        for forged in "made up", "e30=", "2026-05-01", edge:
            response = await client.get("/orders", params={"after": forged})
            print(response.status_code)
            #> 422
            #> 422
            #> 422
            #> 422
        # --8<-- [end:forged]


if __name__ == "__main__":
    asyncio.run(main())
