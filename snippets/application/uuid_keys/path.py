# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi>=0.121", "httpx"]
# ///
import asyncio
import os
from collections.abc import AsyncIterator
from typing import Annotated
from uuid import UUID, uuid4

import httpx
from fastapi import Depends, FastAPI, HTTPException, Request
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    name: Mapped[str]


app = FastAPI()


async def get_session(request: Request) -> AsyncIterator[AsyncSession]:
    async with request.app.state.session_factory() as session:
        yield session
        await session.commit()


SessionDep = Annotated[AsyncSession, Depends(get_session, scope="function")]


# --8<-- [start:endpoint]
@app.get("/users/{user_id}")
async def read_user(user_id: UUID, session: SessionDep) -> str:
    user = await session.get(User, user_id)
    if user is None:
        raise HTTPException(404)
    return user.name


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
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            response = await client.get("/users/ada")
            print(response.status_code)
            #> 422
        # --8<-- [end:client]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
