# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi>=0.121", "httpx"]
# ///
# silent: both orders are stored without the user who created them
import asyncio
import os
from collections.abc import AsyncIterator
from contextvars import ContextVar
from typing import Annotated

import httpx
from fastapi import Depends, FastAPI, Header, Request
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


# --8<-- [start:model]
current_user: ContextVar[str | None] = ContextVar("current_user", default=None)


class Audited:
    created_by: Mapped[str | None] = mapped_column(default=current_user.get)
    updated_by: Mapped[str | None] = mapped_column(
        default=current_user.get, onupdate=current_user.get
    )


class Order(Audited, Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    product: Mapped[str]


# --8<-- [end:model]

app = FastAPI()


async def get_session(request: Request) -> AsyncIterator[AsyncSession]:
    async with request.app.state.session_factory() as session:
        yield session
        await session.commit()


SessionDep = Annotated[AsyncSession, Depends(get_session, scope="function")]


# --8<-- [start:dependency]
def set_user(user: Annotated[str, Header()]) -> None:
    current_user.set(user)


# --8<-- [end:dependency]


# --8<-- [start:endpoint]
@app.post("/orders", status_code=201, dependencies=[Depends(set_user)])
async def create_order(product: str, session: SessionDep) -> None:
    session.add(Order(product=product))


# --8<-- [end:endpoint]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine, expire_on_commit=False, close_resets_only=False)
        app.state.session_factory = session_factory
        # --8<-- [start:client]
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            await client.post("/orders?product=tea", headers={"user": "ada"})
            await client.post("/orders?product=milk", headers={"user": "grace"})

        async with session_factory() as session:
            orders = await session.execute(
                select(Order.product, Order.created_by).order_by(Order.id)
            )
            print([tuple(order) for order in orders])
            #> [('tea', None), ('milk', None)]
        # --8<-- [end:client]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
