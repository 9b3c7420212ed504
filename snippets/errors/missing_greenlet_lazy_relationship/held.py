# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi", "httpx",
# ]
# ///
import asyncio
import os
from collections.abc import AsyncIterator
from typing import Annotated

import httpx
from fastapi import Depends, FastAPI, Header
from sqlalchemy import ForeignKey, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship, selectinload

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    orders: Mapped[list["Order"]] = relationship()


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    item: Mapped[str]


engine = create_async_engine(DATABASE_URL)
session_factory = async_sessionmaker(engine, expire_on_commit=False)
app = FastAPI()


async def get_session() -> AsyncIterator[AsyncSession]:
    async with session_factory() as session:
        yield session


SessionDep = Annotated[AsyncSession, Depends(get_session)]


# --8<-- [start:endpoint]
async def current_user(session: SessionDep, x_user_id: Annotated[int, Header()]) -> User:
    return await session.get_one(User, x_user_id)


@app.get("/users/{user_id}/orders", dependencies=[Depends(current_user)])
async def list_orders(user_id: int, session: SessionDep) -> list[str]:
    query = select(User).where(User.id == user_id).options(selectinload(User.orders))
    user = (await session.scalars(query)).one()
    return [order.item for order in user.orders]


# --8<-- [end:endpoint]


async def main() -> None:
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        async with session_factory.begin() as session:
            session.add(User(id=1, name="Ada", orders=[Order(item="Punch cards")]))
            session.add(User(id=2, name="Grace", orders=[Order(item="Moths")]))
        transport = httpx.ASGITransport(app=app)
        # --8<-- [start:ask]
        ada = {"X-User-Id": "1"}
        async with httpx.AsyncClient(transport=transport, base_url="http://app") as client:
            print("Grace's:", (await client.get("/users/2/orders", headers=ada)).json())
            #> Grace's: ['Moths']
            print("her own:", (await client.get("/users/1/orders", headers=ada)).json())
            #> her own: ['Punch cards']
        # --8<-- [end:ask]
    finally:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
