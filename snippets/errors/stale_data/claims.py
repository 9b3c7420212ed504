# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import traceback
import warnings
from collections.abc import Awaitable, Callable

from sqlalchemy import Column, ForeignKey, Table, delete, insert, select, text, update
from sqlalchemy.exc import SAWarning
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, joinedload, mapped_column, relationship
from sqlalchemy.orm.exc import StaleDataError

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


TRIGGER = {
    "sqlite": [
        "CREATE TRIGGER skip BEFORE UPDATE ON documents WHEN old.title = 'locked' BEGIN SELECT RAISE(IGNORE); END",
    ],
    "postgresql": [
        "CREATE OR REPLACE FUNCTION skip() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
        "CREATE TRIGGER skip BEFORE UPDATE ON documents FOR EACH ROW WHEN (old.title = 'locked') EXECUTE FUNCTION skip()",
    ],
}


class Base(DeclarativeBase):
    pass


document_tags = Table(
    "document_tags",
    Base.metadata,
    Column("document_id", ForeignKey("documents.id", ondelete="CASCADE")),
    Column("tag_id", ForeignKey("tags.id")),
)


class Tag(Base):
    __tablename__ = "tags"

    id: Mapped[int] = mapped_column(primary_key=True)
    documents: Mapped[list["Document"]] = relationship(secondary=document_tags, overlaps="tags")


class Document(Base):
    __tablename__ = "documents"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    tags: Mapped[list[Tag]] = relationship(secondary=document_tags, overlaps="documents")


class Contract(Base):
    __tablename__ = "contracts"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    version: Mapped[int] = mapped_column()
    __mapper_args__ = {"version_id_col": version}


async def commit_says(session: AsyncSession) -> str:
    try:
        await session.commit()
    except StaleDataError as error:
        return str(error)
    return "nothing"


async def two_whose_first_is_gone(session: AsyncSession) -> list[Document]:
    """Two documents as a session has read them. Another session has deleted the first since."""
    session.add_all([Document(id=1, title="a"), Document(id=2, title="b")])
    await session.commit()
    documents = list(await session.scalars(select(Document).order_by(Document.id)))
    async with AsyncSession(session.bind) as other:
        await other.execute(delete(Document).where(Document.id == 1))
        await other.commit()
    return documents


async def claim_one_update(engine: AsyncEngine) -> None:
    """An UPDATE of one object whose row is gone raises `StaleDataError`, without a version column too."""
    async with AsyncSession(engine) as session:
        gone, _ = await two_whose_first_is_gone(session)
        gone.title = "changed"
        assert "expected to update 1 row(s); 0 were matched" in await commit_says(session)


async def claim_two_updates(engine: AsyncEngine) -> None:
    """A flush that updates two objects of one class, one of whose rows is gone, raises `StaleDataError`."""
    async with AsyncSession(engine) as session:
        for document in await two_whose_first_is_gone(session):
            document.title = "changed"
        outcome = await commit_says(session)
        assert "expected to update 2 row(s); 1 were matched" in outcome, "the commit raised nothing, and one change is lost"


async def claim_version_column(engine: AsyncEngine) -> None:
    """With a version column, a flush that updates two objects, one of which has changed since, raises `StaleDataError`."""
    async with AsyncSession(engine, expire_on_commit=False) as session:
        contracts = [Contract(id=1, title="a"), Contract(id=2, title="b")]
        session.add_all(contracts)
        await session.commit()
        async with AsyncSession(engine) as other:
            await other.execute(update(Contract).where(Contract.id == 1).values(version=2))
            await other.commit()
        for contract in contracts:
            contract.title = "changed"
        assert "were matched" in await commit_says(session), "the commit raised nothing, and one change is lost"


async def claim_two_deletes(engine: AsyncEngine) -> None:
    """A flush that deletes two objects without a version column, one of which is gone, gives a warning."""
    async with AsyncSession(engine) as session:
        for document in await two_whose_first_is_gone(session):
            await session.delete(document)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", SAWarning)
            await session.commit()
        assert ["expected to delete 2 row(s); 1 were matched" in str(each.message) for each in caught] == [True], "no warning"


async def claim_trigger(engine: AsyncEngine) -> None:
    """A trigger that skips the UPDATE (on PostgreSQL, one that returns NULL) raises it for a row that is still there."""
    async with AsyncSession(engine) as session:
        session.add(Document(id=1, title="locked"))
        await session.commit()
        for statement in TRIGGER[engine.dialect.name]:
            await session.execute(text(statement))
        await session.commit()
        (await session.get_one(Document, 1)).title = "changed"
        assert "expected to update 1 row(s); 0 were matched" in await commit_says(session)
        await session.rollback()
        assert await session.scalar(select(Document.title)) == "locked"


async def claim_duplicates(engine: AsyncEngine) -> None:
    """Removing a tag that stands twice in an association table without a primary key says `Only 2 were matched`."""
    async with AsyncSession(engine) as session:
        session.add(Document(id=1, title="a", tags=[Tag(id=1)]))
        await session.commit()
        await session.execute(insert(document_tags).values(document_id=1, tag_id=1))
        await session.commit()
        session.expunge_all()
        document = await session.get_one(Document, 1, options=[joinedload(Document.tags)])
        document.tags.clear()
        assert "expected to delete 1 row(s); Only 2 were matched" in await commit_says(session), "nothing is raised"


async def claim_two_relationships(engine: AsyncEngine) -> None:
    """If two relationships over one association table lack `back_populates`, a flush that deletes both objects deletes its row twice. The second DELETE finds none."""
    async with AsyncSession(engine) as session:
        document, tag = Document(id=1, title="a"), Tag(id=1)
        document.tags.append(tag)
        session.add(document)
        await session.commit()
        await session.refresh(document, ["tags"])
        await session.refresh(tag, ["documents"])
        await session.delete(document)
        await session.delete(tag)
        assert "expected to delete 1 row(s); Only 0 were matched" in await commit_says(session), "nothing is raised"


async def reason_against(claim: Callable[[AsyncEngine], Awaitable[None]]) -> str:
    """Why a claim does not hold here, or nothing."""
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        await claim(engine)
    except Exception as error:
        line = traceback.extract_tb(error.__traceback__)[-1].line
        return f"{type(error).__name__}: {str(error).partition(chr(10))[0] or line}"
    finally:
        await engine.dispose()
    return ""


async def main() -> None:
    for name, claim in list(globals().items()):
        if name.startswith("claim_"):
            sentence, against = " ".join(claim.__doc__.split()), await reason_against(claim)
            print(f"does not hold: {sentence} ({against})" if against else f"holds: {sentence}")
    engine = create_async_engine(DATABASE_URL)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)  # Out of the way of a file that has some of these tables.
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
