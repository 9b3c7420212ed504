# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# also: asyncpg==0.31.*, asyncpg==0.30.*, psycopg==3.2.*
import asyncio
import os

from sqlalchemy import JSON, String
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


# --8<-- [start:model]
class Base(DeclarativeBase):
    pass


class Article(Base):
    __tablename__ = "articles"

    id: Mapped[int] = mapped_column(primary_key=True)
    tags: Mapped[list[str]] = mapped_column(ARRAY(String).with_variant(JSON(), "sqlite"))


# --8<-- [end:model]


# --8<-- [start:create]
async def create(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)


# --8<-- [end:create]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        await create(engine)
        # --8<-- [start:stored]
        async with AsyncSession(engine) as session:
            session.add(Article(id=1, tags=["async", "sql"]))
            await session.commit()
        async with AsyncSession(engine) as session:
            print((await session.get_one(Article, 1)).tags)
            #> ['async', 'sql']
        # --8<-- [end:stored]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
