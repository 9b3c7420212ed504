import os
from collections.abc import AsyncIterator, Sequence
from typing import Annotated

from fastapi import Depends, FastAPI
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import selectinload
from sqlmodel import Field, Relationship, SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession


class Team(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    name: str


class Hero(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    name: str
    team_id: int | None = Field(default=None, foreign_key="team.id")
    team: Team | None = Relationship()


class TeamPublic(SQLModel):
    id: int
    name: str


class HeroPublic(SQLModel):
    id: int
    name: str
    team: TeamPublic | None


engine = create_async_engine(os.environ["DATABASE_URL"])
session_factory = async_sessionmaker(engine, class_=AsyncSession, expire_on_commit=False)
app = FastAPI()


async def get_session() -> AsyncIterator[AsyncSession]:
    async with session_factory() as session:
        yield session


@app.get("/heroes", response_model=list[HeroPublic])
async def read_heroes(session: Annotated[AsyncSession, Depends(get_session)]) -> Sequence[Hero]:
    with_team = selectinload(Hero.team)  # type: ignore[arg-type]
    return (await session.exec(select(Hero).options(with_team).order_by(col(Hero.id)))).all()
