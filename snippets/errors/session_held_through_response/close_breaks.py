# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi", "httpx"]
# ///
# raises: fastapi.exceptions.ResponseValidationError
import asyncio
import os
from collections.abc import AsyncIterator
from typing import Annotated

import httpx
from fastapi import BackgroundTasks, Depends, FastAPI
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class UserOut(BaseModel):
    name: str


engine = create_async_engine(DATABASE_URL)
session_factory = async_sessionmaker(engine)
app = FastAPI()
held: list[int] = []


async def get_session() -> AsyncIterator[AsyncSession]:
    async with session_factory() as session:
        yield session


SessionDep = Annotated[AsyncSession, Depends(get_session)]


async def send_mail(name: str) -> None:
    held.append(engine.pool.checkedout())  # type: ignore[attr-defined]


# --8<-- [start:endpoint]
@app.post("/users/{user_id}/mail", response_model=UserOut)
async def mail(user_id: int, session: SessionDep, tasks: BackgroundTasks) -> User:
    user = await session.get_one(User, user_id)
    tasks.add_task(send_mail, user.name)
    await session.commit()
    return user


# --8<-- [end:endpoint]


async def main() -> None:
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        async with session_factory.begin() as session:
            session.add(User(id=1, name="Ada"))
        transport = httpx.ASGITransport(app=app)
        # --8<-- [start:ask]
        async with httpx.AsyncClient(transport=transport, base_url="http://app") as client:
            response = await client.post("/users/1/mail")
            print(response.status_code, response.text)
            print("connections held while the mail goes out:", held)
        # --8<-- [end:ask]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
