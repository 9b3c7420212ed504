import os
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import BackgroundTasks, Depends, FastAPI
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

outbox: list[str] = []


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class UserIn(BaseModel):
    name: str


engine = create_async_engine(os.environ["DATABASE_URL"])
session_factory = async_sessionmaker(engine, expire_on_commit=False)
app = FastAPI()


async def get_session() -> AsyncIterator[AsyncSession]:
    async with session_factory() as session:
        yield session
        await session.commit()


async def send_welcome(user_id: int) -> None:
    async with session_factory() as session:
        user = await session.get_one(User, user_id)
        outbox.append(f"Welcome, {user.name}")


@app.post("/users", status_code=201)
async def create_user(
    new: UserIn, background: BackgroundTasks, session: Annotated[AsyncSession, Depends(get_session)]
) -> dict[str, int]:
    user = User(name=new.name)
    session.add(user)
    await session.commit()
    background.add_task(send_welcome, user.id)
    return {"id": user.id}
