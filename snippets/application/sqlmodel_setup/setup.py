# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlmodel", "sqlalchemy[asyncio]>=2.0.22", "fastapi>=0.121", "httpx", "uvicorn",
#     "aiosqlite", "asyncpg", "psycopg[binary]",
# ]
# ///
import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Annotated, TypedDict

import httpx
import uvicorn
from fastapi import Depends, FastAPI, HTTPException
from fastapi.requests import HTTPConnection
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import selectinload
from sqlmodel import Field, Relationship, SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")

# --8<-- [start:models]
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Team(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True, max_length=50)
    heroes: list["Hero"] = Relationship(
        back_populates="team", sa_relationship_kwargs={"lazy": "raise"}
    )


class HeroBase(SQLModel):
    name: str = Field(min_length=1, max_length=50)
    age: int | None = Field(default=None, ge=0, le=1000)
    team_id: int | None = Field(default=None, foreign_key="team.id")


class Hero(HeroBase, table=True):
    id: int | None = Field(default=None, primary_key=True)
    verified: bool = False
    team: Team | None = Relationship(
        back_populates="heroes", sa_relationship_kwargs={"lazy": "raise"}
    )


# --8<-- [end:models]


# --8<-- [start:schemas]
class HeroCreate(HeroBase):
    pass


class HeroUpdate(SQLModel):
    name: str = Field(default="", min_length=1, max_length=50)
    age: int | None = Field(default=None, ge=0, le=1000)


class HeroPublic(SQLModel):
    id: int
    name: str
    age: int | None
    verified: bool


class TeamPublic(SQLModel):
    id: int
    name: str


class HeroWithTeam(HeroPublic):
    team: TeamPublic | None


# --8<-- [end:schemas]


# --8<-- [start:lifespan]
class State(TypedDict):
    session_factory: async_sessionmaker[AsyncSession]


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[State]:
    engine = create_async_engine(DATABASE_URL)
    try:
        session_factory = async_sessionmaker(
            engine, class_=AsyncSession, expire_on_commit=False, close_resets_only=False
        )
        yield {"session_factory": session_factory}
    finally:
        await engine.dispose()


app = FastAPI(lifespan=lifespan)


async def get_session(connection: HTTPConnection) -> AsyncIterator[AsyncSession]:
    async with connection.state.session_factory() as session:
        yield session
        await session.commit()


SessionDep = Annotated[AsyncSession, Depends(get_session, scope="function")]
# --8<-- [end:lifespan]


# --8<-- [start:endpoints]
@app.post("/heroes", response_model=HeroPublic, status_code=201)
async def create_hero(data: HeroCreate, session: SessionDep) -> Hero:
    hero = Hero.model_validate(data)
    session.add(hero)
    await session.flush()
    return hero


@app.get("/heroes", response_model=list[HeroWithTeam])
async def read_heroes(session: SessionDep) -> Sequence[Hero]:
    with_team = selectinload(Hero.team)  # type: ignore[arg-type]
    statement = select(Hero).options(with_team).order_by(col(Hero.id))
    return (await session.exec(statement)).all()


@app.patch("/heroes/{hero_id}", response_model=HeroPublic)
async def update_hero(hero_id: int, data: HeroUpdate, session: SessionDep) -> Hero:
    hero = await session.get(Hero, hero_id)
    if hero is None:
        raise HTTPException(404)
    return hero.sqlmodel_update(data.model_dump(exclude_unset=True))


# --8<-- [end:endpoints]


async def create_tables(database_url: str) -> None:
    """What your migrations do before the application starts, and one team."""
    engine = create_async_engine(database_url)
    async with engine.begin() as connection:
        await connection.run_sync(SQLModel.metadata.drop_all)
        await connection.run_sync(SQLModel.metadata.create_all)
    async with AsyncSession(engine) as session:
        session.add(Team(id=1, name="Z-Force"))
        await session.commit()
    await engine.dispose()


async def drop_tables(database_url: str) -> None:
    engine = create_async_engine(database_url)
    async with engine.begin() as connection:
        await connection.run_sync(SQLModel.metadata.drop_all)
    await engine.dispose()


@asynccontextmanager
async def serving(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a real server on a free port."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical"))
    task = asyncio.create_task(server.serve())
    try:
        while not server.started:
            await asyncio.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            yield client
    finally:
        server.should_exit = True
        await task


async def main() -> None:
    await create_tables(DATABASE_URL)
    async with serving(app) as client:
        # --8<-- [start:client]
        hero = {"name": "Deadpond", "age": 30, "team_id": 1}
        created = await client.post("/heroes", json=hero)
        print(created.status_code, created.json())
        #> 201 {'id': 1, 'name': 'Deadpond', 'age': 30, 'verified': False}
        patched = await client.patch("/heroes/1", json={"name": "Dive"})
        print(patched.status_code, patched.json())
        #> 200 {'id': 1, 'name': 'Dive', 'age': 30, 'verified': False}
        listed = await client.get("/heroes")
        print(listed.status_code, listed.json()[0]["team"])
        #> 200 {'id': 1, 'name': 'Z-Force'}
        refused = await client.patch("/heroes/1", json={"age": -1})
        print(refused.status_code)
        #> 422
        # --8<-- [end:client]
    await drop_tables(DATABASE_URL)


if __name__ == "__main__":
    asyncio.run(main())
