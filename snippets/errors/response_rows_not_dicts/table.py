# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi"]
# ///
import asyncio
import json
import os

from fastapi.encoders import jsonable_encoder
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


def as_json(value: object) -> str:
    try:
        return json.dumps(jsonable_encoder(value), sort_keys=True)
    except ValueError as error:
        first, *_ = error.args[0]
        return str(first)


async def ask(session: AsyncSession) -> None:
    columns = select(User.id, User.name)
    # --8<-- [start:returned]
    returned = {
        "execute(columns)": await session.execute(columns),
        ".all()": (await session.execute(columns)).all(),
        ".first()": (await session.execute(columns)).first(),
        ".mappings().all()": (await session.execute(columns)).mappings().all(),
        "scalars(select(User)).all()": (await session.scalars(select(User))).all(),
    }
    # --8<-- [end:returned]
    # --8<-- [start:table]
    print("Returned | without a response model")
    #> Returned | without a response model
    for what, value in returned.items():
        print(f"{what} | {as_json(value)}")
        #> execute(columns) | 'QueryContext' object is not iterable
        #> .all() | cannot convert dictionary update sequence element #0 to a sequence
        #> .first() | cannot convert dictionary update sequence element #0 to a sequence
        #> .mappings().all() | [{"id": 1, "name": "Ada"}]
        #> scalars(select(User)).all() | [{"id": 1, "name": "Ada"}]
    # --8<-- [end:table]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        async with async_sessionmaker(engine).begin() as session:
            session.add(User(id=1, name="Ada"))
            await session.flush()
            session.expunge_all()
            await ask(session)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
