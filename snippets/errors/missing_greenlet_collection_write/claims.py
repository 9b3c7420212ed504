# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import traceback
import warnings
from collections.abc import Awaitable, Callable

from sqlalchemy import Column, ForeignKey, Table, func, select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")
warnings.filterwarnings("ignore", "coroutine .* was never awaited")


class Base(DeclarativeBase):
    pass


tagged = Table(
    "tagged",
    Base.metadata,
    Column("article_id", ForeignKey("articles.id"), primary_key=True),
    Column("tag_id", ForeignKey("tags.id"), primary_key=True),
)


class Article(Base):
    __tablename__ = "articles"

    id: Mapped[int] = mapped_column(primary_key=True)
    tags: Mapped[list["Tag"]] = relationship(secondary=tagged, back_populates="articles")
    cover: Mapped["Cover | None"] = relationship(back_populates="article")


class Tag(Base):
    __tablename__ = "tags"

    id: Mapped[int] = mapped_column(primary_key=True)
    articles: Mapped[list[Article]] = relationship(secondary=tagged, back_populates="tags")


class Cover(Base):
    __tablename__ = "covers"

    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int | None] = mapped_column(ForeignKey("articles.id"))
    article: Mapped[Article | None] = relationship(back_populates="cover")
    shown_with: Mapped[Article | None] = relationship(overlaps="cover,article")


async def store(engine: AsyncEngine) -> None:
    async with AsyncSession(engine) as session, session.begin():
        session.add_all([Article(id=1, cover=Cover(id=1)), Tag(id=1)])


async def claim_one_to_one(engine: AsyncEngine) -> None:
    """Assigning a one-to-one relationship that is not loaded (`article.cover = cover`) raises nothing. The flush then sets the nullable foreign key of the old row to NULL."""
    await store(engine)
    async with AsyncSession(engine) as session:
        article = await session.get_one(Article, 1)
        article.cover = Cover(id=2)
        await session.commit()
        rows = await session.execute(select(Cover.id, Cover.article_id).order_by(Cover.id))
        assert rows.all() == [(1, None), (2, 1)]


async def claim_many_to_many(engine: AsyncEngine) -> None:
    """In a many-to-many relationship with `back_populates`, it is enough to load the collection that you append to."""
    await store(engine)
    async with AsyncSession(engine) as session:
        article, tag = await session.get_one(Article, 1), await session.get_one(Tag, 1)
        await session.refresh(article, ["tags"])
        article.tags.append(tag)
        await session.commit()
        assert await session.scalar(select(func.count()).select_from(tagged)) == 1


async def claim_association_row(engine: AsyncEngine) -> None:
    """A row that you insert into the association table by hand needs neither side loaded."""
    await store(engine)
    async with AsyncSession(engine) as session:
        await session.execute(tagged.insert().values(article_id=1, tag_id=1))
        await session.commit()
        article = await session.get_one(Article, 1)
        await session.refresh(article, ["tags"])
        assert [tag.id for tag in article.tags] == [1]


async def claim_no_warning_without_back_populates(engine: AsyncEngine) -> None:
    """Without `back_populates` there is no warning: a new child that was only given its parent is not stored."""
    await store(engine)
    async with AsyncSession(engine) as session:
        cover = Cover(id=2)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            cover.shown_with = await session.get_one(Article, 1)
            await session.commit()
        assert caught == []
        assert await session.get(Cover, 2) is None


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
