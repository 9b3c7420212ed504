# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi", "httpx"]
# ///
# raises: AssertionError
# silent: a negative age is answered with "this address is taken"
import asyncio
import os
from collections.abc import AsyncIterator
from typing import Annotated

import httpx
from fastapi import Depends, FastAPI, HTTPException
from sqlalchemy import CheckConstraint
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
    age: Mapped[int] = mapped_column(CheckConstraint("age >= 0"))


engine = create_async_engine(DATABASE_URL)
session_factory = async_sessionmaker(engine, expire_on_commit=False)
app = FastAPI()


async def get_session() -> AsyncIterator[AsyncSession]:
    async with session_factory() as session:
        yield session


# --8<-- [start:endpoint]
@app.post("/users", status_code=201)
async def sign_up(
    email: str, age: int, session: Annotated[AsyncSession, Depends(get_session)]
) -> int:
    user = User(email=email, age=age)
    session.add(user)
    try:
        await session.commit()
    except IntegrityError:
        raise HTTPException(409, "this address is taken") from None
    return user.id


# --8<-- [end:endpoint]


async def main() -> None:
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        # --8<-- [start:ask]
        async with httpx.AsyncClient(transport=transport, base_url="http://app") as client:
            response = await client.post("/users", params={"email": "ada@example.org", "age": -1})
            print(response.status_code, response.text)
            #> 409 {"detail":"this address is taken"}
            assert response.status_code == 500, "nobody has that address"
        # --8<-- [end:ask]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
