# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlmodel", "sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os

from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlmodel import Field, SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Hero(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    name: str


# --8<-- [start:equal]
async def compare(session_factory: async_sessionmaker[AsyncSession]) -> None:
    async with session_factory() as session:
        ada, grace = Hero(name="Ada"), Hero(name="Grace")
        session.add_all([ada, grace])
        await session.commit()
        print(f"equal after the commit: {ada == grace}")
        #> equal after the commit: True
        await session.refresh(ada)
        await session.refresh(grace)
        print(f"equal after a refresh: {ada == grace}")
        #> equal after a refresh: False


# --8<-- [end:equal]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(SQLModel.metadata.drop_all)
            await connection.run_sync(SQLModel.metadata.create_all)
        await compare(async_sessionmaker(engine, class_=AsyncSession))
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
