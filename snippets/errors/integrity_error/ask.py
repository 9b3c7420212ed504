# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi", "httpx"]
# ///
# unrecorded: two requests at once, and which of them is first varies
import asyncio
import os
from collections.abc import AsyncIterator
from typing import Annotated

import httpx
from fastapi import Depends, FastAPI, HTTPException
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)


engine = create_async_engine(DATABASE_URL)
session_factory = async_sessionmaker(engine, expire_on_commit=False)
app = FastAPI()


async def get_session() -> AsyncIterator[AsyncSession]:
    async with session_factory() as session:
        yield session


# --8<-- [start:endpoint]
def constraint(error: IntegrityError) -> str:
    details = getattr(error.orig, "diag", None) or getattr(error.orig, "__cause__", None)
    return getattr(details, "constraint_name", None) or str(error.orig)


@app.post("/users", status_code=201)
async def sign_up(email: str, session: Annotated[AsyncSession, Depends(get_session)]) -> int:
    if await session.scalar(select(User.id).where(User.email == email)):
        raise HTTPException(409, "this address is taken")
    user = User(email=email)
    session.add(user)
    await mail_server_knows(email)
    try:
        await session.commit()
    except IntegrityError as error:
        mine = ("users_email_key", "UNIQUE constraint failed: users.email")
        if constraint(error) not in mine:
            raise
        raise HTTPException(409, "this address is taken") from None
    return user.id


# --8<-- [end:endpoint]


both_have_looked = asyncio.Barrier(2)


async def mail_server_knows(email: str) -> None:
    """What takes a moment: both requests have looked, and neither has written."""
    await both_have_looked.wait()


# --8<-- [start:ask]
async def double_click() -> None:
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://app") as client:
        click = {"email": "ada@example.org"}
        tasks = [client.post("/users", params=click) for _ in range(2)]
        responses = await asyncio.gather(*tasks, return_exceptions=True)
    codes = []
    for response in responses:
        if isinstance(response, BaseException):
            raise response
        codes.append(response.status_code)
    print(sorted(codes))
    #> [201, 409]


# --8<-- [end:ask]


async def main() -> None:
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        await double_click()
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
