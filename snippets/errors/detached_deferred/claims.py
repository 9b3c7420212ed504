# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import traceback
from collections.abc import Awaitable, Callable

from sqlalchemy import select
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, defer, mapped_column
from sqlalchemy.orm.exc import DetachedInstanceError

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Article(Base):
    __tablename__ = "articles"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    body: Mapped[str] = mapped_column(deferred=True, deferred_raiseload=True)


async def error_when_read(read: Callable[[], str]) -> Exception | None:
    try:
        read()
    except (InvalidRequestError, DetachedInstanceError) as error:
        return error
    return None


async def claim_raiseload(engine: AsyncEngine) -> None:
    """With `deferred_raiseload=True` in the model, or `defer(…, raiseload=True)` in the query, reading that column of a newly loaded object raises an error while the session is open, too."""
    async with AsyncSession(engine) as session:
        session.add(Article(id=1, title="Greenlets", body="A long text"))
        await session.commit()
    async with AsyncSession(engine) as session:
        without_title = select(Article).options(defer(Article.title, raiseload=True))
        article = (await session.scalars(without_title)).one()
        for read in (lambda: article.title, lambda: article.body):
            error = await error_when_read(read)
            assert "due to raiseload=True" in str(error)
    for read in (lambda: article.title, lambda: article.body):
        error = await error_when_read(read)
        assert isinstance(error, DetachedInstanceError)


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

