import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException, Query
from pydantic import BaseModel
from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    created_at: Mapped[datetime]


class OrderOut(BaseModel):
    id: int


class Page(BaseModel):
    items: list[OrderOut]
    next: str | None


class Cursor(BaseModel):
    created_at: datetime
    id: int


engine = create_async_engine(os.environ["DATABASE_URL"])
session_factory = async_sessionmaker(engine, expire_on_commit=False)
app = FastAPI()


async def get_session() -> AsyncIterator[AsyncSession]:
    async with session_factory() as session:
        yield session


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


@app.get("/orders", response_model=Page)
async def list_orders(
    session: Annotated[AsyncSession, Depends(get_session)],
    after: Annotated[Cursor | None, Depends(read_cursor)],
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> dict[str, object]:
    query = select(Order).order_by(Order.created_at.desc(), Order.id.desc()).limit(limit + 1)
    if after is not None:
        query = query.where(tuple_(Order.created_at, Order.id) < tuple_(after.created_at, after.id))
    orders = (await session.scalars(query)).all()
    more = len(orders) > limit
    return {"items": orders[:limit], "next": encode(orders[limit - 1]) if more else None}
