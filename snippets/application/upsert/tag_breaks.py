# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# raises: sqlalchemy.exc.NoResultFound
import asyncio
import os
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")

insert: Any = sqlite.insert if DATABASE_URL.startswith("sqlite") else postgresql.insert


class Base(DeclarativeBase):
    pass


class Tag(Base):
    __tablename__ = "tags"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)


# --8<-- [start:tag]
async def tag_id(session: AsyncSession, name: str) -> int:
    statement = insert(Tag).values(name=name).on_conflict_do_nothing(index_elements=[Tag.name])
    result = await session.execute(statement.returning(Tag.id))
    new: int = result.scalar_one()
    return new


# --8<-- [end:tag]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine)
        # --8<-- [start:call]
        for _ in range(2):
            async with session_factory.begin() as session:
                print(await tag_id(session, "python"))
                #> 1
        # --8<-- [end:call]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
