# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]", "pydantic>=2",
# ]
# ///
import asyncio
import os

from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.orm.exc import UnmappedInstanceError

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class UserIn(BaseModel):
    name: str


# --8<-- [start:table]
async def compare(session: AsyncSession) -> None:
    row = (await session.execute(select(User))).one()
    print("session.add of | it says")
    #> session.add of | it says
    for what, thing in [
        ("a dict", {"name": "Ada"}),
        ("a list of objects", [User(name="Ada")]),
        ("a pydantic schema", UserIn(name="Ada")),
        ("the class", User),
        ("None", None),
        ("a row of execute()", row),
    ]:
        try:
            session.add(thing)
        except UnmappedInstanceError as error:
            print(what, "|", str(error).partition(";")[0])
            #> a dict | Class 'builtins.dict' is not mapped
            #> a list of objects | Class 'builtins.list' is not mapped
            #> a pydantic schema | Class '__main__.UserIn' is not mapped
            #> the class | Class 'sqlalchemy.orm.decl_api.DeclarativeAttributeIntercept' is not mapped
            #> None | Class 'builtins.NoneType' is not mapped
            #> a row of execute() | Class 'sqlalchemy.engine.row.Row' is not mapped
    session.add_all([row.User, User(name="Grace")])
    await session.commit()


# --8<-- [end:table]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine)
        async with session_factory.begin() as session:
            session.add(User(name="Ada"))
        async with session_factory() as session:
            await compare(session)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
