# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlmodel", "sqlalchemy[asyncio]>=2.0", "fastapi", "httpx",
#     "aiosqlite", "asyncpg", "psycopg[binary]",
# ]
# ///
import asyncio
import os
from collections.abc import AsyncIterator
from typing import Annotated

import httpx
from fastapi import Depends, FastAPI, Request
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import selectinload
from sqlmodel import Field, Relationship, SQLModel, select
from sqlmodel.ext.asyncio.session import AsyncSession

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Team(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    name: str


class Hero(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    name: str
    team_id: int | None = Field(default=None, foreign_key="team.id")
    team: Team | None = Relationship()

    def __repr__(self) -> str:
        return f"<Hero {self.id}>"  # SQLModel's lists the loaded fields in no fixed order.


class HeroWithTeam(SQLModel):
    name: str
    team: Team | None


app = FastAPI()


async def get_session(request: Request) -> AsyncIterator[AsyncSession]:
    async with request.app.state.session_factory() as session:
        yield session


# --8<-- [start:endpoint]
@app.get("/heroes", response_model=list[HeroWithTeam])
async def read_heroes(session: Annotated[AsyncSession, Depends(get_session)]) -> list[Hero]:
    # For a type checker Hero.team is a Team: SQLModel declares no InstrumentedAttribute.
    statement = select(Hero).options(selectinload(Hero.team))  # type: ignore[arg-type]
    return list((await session.exec(statement)).all())


# --8<-- [end:endpoint]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    transport = httpx.ASGITransport(app)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(SQLModel.metadata.drop_all)
            await connection.run_sync(SQLModel.metadata.create_all)
        session_factory = async_sessionmaker(engine, class_=AsyncSession, expire_on_commit=False)
        async with session_factory() as session:
            session.add(Hero(name="Deadpond", team=Team(name="Z-Force")))
            await session.commit()
        app.state.session_factory = session_factory
        # --8<-- [start:ask]
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            response = await client.get("/heroes")
            print(response.status_code, response.json()[0]["team"]["name"])
            #> 200 Z-Force
        # --8<-- [end:ask]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
