# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "psycopg[binary]"]
# ///
# drivers: aiosqlite, psycopg (with asyncpg there is no error: association_asyncpg.py)
import asyncio
import os

from sqlalchemy import Column, ForeignKey, Table, delete
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship, selectinload
from sqlalchemy.orm.exc import StaleDataError

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


document_tags = Table(
    "document_tags",
    Base.metadata,
    Column("document_id", ForeignKey("documents.id"), primary_key=True),
    Column("tag_id", ForeignKey("tags.id"), primary_key=True),
)


class Tag(Base):
    __tablename__ = "tags"

    id: Mapped[int] = mapped_column(primary_key=True)


class Document(Base):
    __tablename__ = "documents"

    id: Mapped[int] = mapped_column(primary_key=True)
    tags: Mapped[list[Tag]] = relationship(secondary=document_tags)


# --8<-- [start:clear]
async def take_off_tags(session: AsyncSession, other: AsyncSession) -> None:
    document = await session.get_one(Document, 1, options=[selectinload(Document.tags)])
    await other.execute(delete(document_tags))
    await other.commit()
    document.tags.clear()
    try:
        await session.commit()
        print("no error")
    except StaleDataError as error:
        print(error)
        #> DELETE statement on table 'document_tags' expected to delete 1 row(s); Only 0 were matched.


# --8<-- [end:clear]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine)
        async with session_factory.begin() as session:
            session.add(Document(id=1, tags=[Tag(id=1)]))
        async with session_factory() as session, session_factory() as other:
            await take_off_tags(session, other)
    finally:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
