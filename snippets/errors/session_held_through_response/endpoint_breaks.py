# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi", "httpx"]
# ///
# raises: AssertionError
# silent: the work is done, and the connection is held until the background task has ended
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
# --8<-- [start:factory]
session_factory = async_sessionmaker(engine, expire_on_commit=False)
# --8<-- [end:factory]
app = FastAPI()
mailing = asyncio.Event()
mail_server = asyncio.Event()


async def get_session() -> AsyncIterator[AsyncSession]:
    async with session_factory() as session:
        yield session


SessionDep = Annotated[AsyncSession, Depends(get_session)]


# --8<-- [start:endpoint]
async def send_mail(name: str) -> None:
    mailing.set()
    await mail_server.wait()  # It is slow today.


@app.post("/users/{user_id}/mail", response_model=UserOut)
async def mail(user_id: int, session: SessionDep, tasks: BackgroundTasks) -> User:
    user = await session.get_one(User, user_id)
    tasks.add_task(send_mail, user.name)
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
        # --8<-- [start:meanwhile]
        async with httpx.AsyncClient(transport=transport, base_url="http://app") as client:
            request = asyncio.create_task(client.post("/users/1/mail"))
            await mailing.wait()
            held = engine.pool.checkedout()  # type: ignore[attr-defined]
            mail_server.set()
            response = await request
        print(response.status_code, response.text)
        #> 200 {"name":"Ada"}
        print(f"connections held while the mail goes out: {held}")
        #> connections held while the mail goes out: 1
        assert held == 0, "the request has its answer, and keeps its connection"
        # --8<-- [end:meanwhile]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
