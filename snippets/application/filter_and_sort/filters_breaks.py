# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi>=0.121", "httpx", "uvicorn",
# ]
# ///
# silent: a filter whose value is false or 0 is left out
import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Annotated, TypedDict

import httpx
import uvicorn
from fastapi import Depends, FastAPI, Query
from fastapi.requests import HTTPConnection
from pydantic import AwareDatetime, BaseModel, Field
from sqlalchemy import DateTime, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Product(Base):
    __tablename__ = "products"

    id: Mapped[int] = mapped_column(primary_key=True)
    price: Mapped[int]
    in_stock: Mapped[bool]
    added_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


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


class ProductOut(BaseModel):
    id: int


# --8<-- [start:filter]
ProductId = Annotated[int, Field(ge=1, le=2**31 - 1)]
OLDEST, NEWEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


class ProductFilter(BaseModel):
    model_config = {"extra": "forbid"}

    in_stock: bool | None = None
    max_price: int | None = Field(None, ge=0, le=1_000_000)
    added_from: AwareDatetime | None = Field(None, ge=OLDEST, lt=NEWEST)
    ids: list[ProductId] | None = Field(None, max_length=3)


# --8<-- [end:filter]


# --8<-- [start:endpoint]
@app.get("/products", response_model=list[ProductOut])
async def list_products(
    session: SessionDep, filters: Annotated[ProductFilter, Query()]
) -> Sequence[Product]:
    query = select(Product).order_by(Product.id).limit(20)
    if filters.in_stock:
        query = query.where(Product.in_stock == filters.in_stock)
    if filters.max_price:
        query = query.where(Product.price <= filters.max_price)
    if filters.added_from is not None:
        query = query.where(Product.added_at >= filters.added_from)
    if filters.ids is not None:
        query = query.where(Product.id.in_(filters.ids))
    return (await session.scalars(query)).all()


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
    engine = create_async_engine(database_url)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    async with AsyncSession(engine) as session, session.begin():
        may = datetime(2026, 5, 1, tzinfo=UTC)
        session.add_all([
            Product(id=1, price=5, in_stock=True, added_at=may),
            Product(id=2, price=0, in_stock=True, added_at=may + timedelta(days=1)),
            Product(id=3, price=7, in_stock=False, added_at=may + timedelta(days=2)),
        ])
    await engine.dispose()


async def main() -> None:
    await create_tables(DATABASE_URL)
    async with serving(app) as client:
        # --8<-- [start:requests]
        for parameters in "in_stock=false", "max_price=0", "in_stock=true&max_price=6", "ids=1&ids=3":
            response = await client.get(f"/products?{parameters}")
            print(parameters, [product["id"] for product in response.json()])
            #> in_stock=false [1, 2, 3]
            #> max_price=0 [1, 2, 3]
            #> in_stock=true&max_price=6 [1, 2]
            #> ids=1&ids=3 [1, 3]
        # --8<-- [end:requests]
        # --8<-- [start:wrong]
        for parameters in (
            "stock=false",
            "ids=1&ids=2&ids=3&ids=4",
            "ids=3000000000",
            "added_from=0001-01-01T00:00:00%2B14:00",
            "added_from=2026-05-02T00:00:00",
            "added_from=2026-05-02T00:00:00+02:00",
            "added_from=2026-05-02T00:00:00%2B02:00",
            "added_from=2026-05-02T00:00:00Z",
        ):
            print(parameters, (await client.get(f"/products?{parameters}")).status_code)
            #> stock=false 422
            #> ids=1&ids=2&ids=3&ids=4 422
            #> ids=3000000000 422
            #> added_from=0001-01-01T00:00:00%2B14:00 422
            #> added_from=2026-05-02T00:00:00 422
            #> added_from=2026-05-02T00:00:00+02:00 422
            #> added_from=2026-05-02T00:00:00%2B02:00 200
            #> added_from=2026-05-02T00:00:00Z 200
        # --8<-- [end:wrong]


if __name__ == "__main__":
    asyncio.run(main())
