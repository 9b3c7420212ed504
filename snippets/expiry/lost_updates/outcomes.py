# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import warnings

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.orm.exc import StaleDataError

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Text(Base):
    __abstract__ = True

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]


class Note(Text):
    __tablename__ = "notes"


class Document(Text):
    __tablename__ = "documents"

    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}


# --8<-- [start:table]
async def compare(session_factory: async_sessionmaker[AsyncSession]) -> None:
    print("You | meanwhile the row was | without a version | with version_id_col")
    #> You | meanwhile the row was | without a version | with version_id_col
    for yours in ("change", "delete"):
        for theirs in ("changed", "deleted"):
            plain = await outcome(session_factory, Note, yours, theirs)
            versioned = await outcome(session_factory, Document, yours, theirs)
            print(f"{yours} it | {theirs} | {plain} | {versioned}")
            #> change it | changed | their change is lost | StaleDataError
            #> change it | deleted | StaleDataError | StaleDataError
            #> delete it | changed | their change is lost | StaleDataError
            #> delete it | deleted | SAWarning | StaleDataError


# --8<-- [end:table]


async def outcome(
    session_factory: async_sessionmaker[AsyncSession],
    model: type[Text],
    yours: str,
    theirs: str,
) -> str:
    async with session_factory.begin() as session:
        await session.execute(delete(model))
        session.add(model(id=1, text="draft"))
    async with session_factory() as session:
        mine = await session.get_one(model, 1)
        async with session_factory.begin() as other:
            their = await other.get_one(model, 1)
            if theirs == "changed":
                their.text = "reviewed"
            else:
                await other.delete(their)
        if yours == "change":
            mine.text = "published"
        else:
            await session.delete(mine)
        return await commit(session)


async def commit(session: AsyncSession) -> str:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            await session.commit()
        except StaleDataError:
            return "StaleDataError"
    return caught[0].category.__name__ if caught else "their change is lost"


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        await compare(async_sessionmaker(engine))
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
