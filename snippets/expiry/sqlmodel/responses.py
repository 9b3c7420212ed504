# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlmodel", "sqlalchemy[asyncio]>=2.0", "fastapi", "httpx",
#     "aiosqlite", "asyncpg", "psycopg[binary]",
# ]
# ///
import asyncio
import os
import warnings
from collections.abc import AsyncIterator
from typing import Annotated

import httpx
from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import ResponseValidationError
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine
from sqlmodel import Field, SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")

# aiosqlite's own coroutine is dropped when the load fails.
warnings.filterwarnings("ignore", "coroutine 'Connection.cursor' was never awaited")


class HeroPublic(SQLModel):
    id: int
    name: str


class Hero(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    name: str


app = FastAPI()


async def get_session(request: Request) -> AsyncIterator[AsyncSession]:
    async with request.app.state.session_factory() as session:
        yield session


# --8<-- [start:endpoints]
async def create_hero(session: Annotated[AsyncSession, Depends(get_session)]) -> object:
    hero = Hero(name="Deadpond")
    session.add(hero)
    await session.commit()
    return hero


app.add_api_route("/nothing", create_hero, methods=["POST"], response_model=None)
app.add_api_route("/Hero", create_hero, methods=["POST"], response_model=Hero)
app.add_api_route("/HeroPublic", create_hero, methods=["POST"], response_model=HeroPublic)
# --8<-- [end:endpoints]


# --8<-- [start:table]
async def compare(client: httpx.AsyncClient, engine: AsyncEngine) -> None:
    print("expire_on_commit | response model | the client gets")
    #> expire_on_commit | response model | the client gets
    for setting in (True, False):
        app.state.session_factory = async_sessionmaker(
            engine, class_=AsyncSession, expire_on_commit=setting
        )
        for model in ("nothing", "Hero", "HeroPublic"):
            print(setting, "|", model, "|", await answer(client, model))
            #> True | nothing | 200: {}
            #> True | Hero | 200: {}
            #> True | HeroPublic | 500: ResponseValidationError
            #> False | nothing | 200: id, name
            #> False | Hero | 200: id, name
            #> False | HeroPublic | 200: id, name


# --8<-- [end:table]


async def answer(client: httpx.AsyncClient, model: str) -> str:
    try:
        response = await client.post(f"/{model}")
    except ResponseValidationError as error:
        return f"500: {type(error).__name__}"
    fields = ", ".join(sorted(response.json())) or "{}"
    return f"{response.status_code}: {fields}"


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    transport = httpx.ASGITransport(app)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(SQLModel.metadata.drop_all)
            await connection.run_sync(SQLModel.metadata.create_all)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            await compare(client, engine)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
