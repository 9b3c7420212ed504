# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.orm.exc import StaleDataError

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Document(Base):
    __tablename__ = "documents"

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column()
    __mapper_args__ = {"version_id_col": version}


# --8<-- [start:delete]
async def throw_away(session: AsyncSession, other: AsyncSession) -> None:
    document = await session.get_one(Document, 1)
    await other.execute(update(Document).values(version=2))
    await other.commit()
    await session.delete(document)
    try:
        await session.commit()
    except StaleDataError as error:
        print(str(error).partition(".")[0])
        #> DELETE statement on table 'documents' expected to delete 1 row(s); 0 were matched


# --8<-- [end:delete]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine)
        async with session_factory.begin() as session:
            session.add(Document(id=1))
        async with session_factory() as session, session_factory() as other:
            await throw_away(session, other)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
