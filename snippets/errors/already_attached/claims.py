# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import traceback
from collections.abc import Awaitable, Callable

from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_object_session, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


async def stored(session: AsyncSession) -> User:
    user = User(id=1, name="Ada")
    session.add(user)
    await session.commit()
    await session.refresh(user)
    return user


async def refusal(of: Awaitable[None]) -> InvalidRequestError | None:
    try:
        await of
    except InvalidRequestError as error:
        return error
    return None


async def add(session: AsyncSession, user: User) -> None:
    session.add(user)


async def claim_delete(engine: AsyncEngine) -> None:
    """`delete()` in another session is refused like `add()`, and the innermost frame of both is `_before_attach`."""
    async with AsyncSession(engine) as first, AsyncSession(engine) as second:
        user = await stored(first)
        added, deleted = await refusal(add(second, user)), await refusal(second.delete(user))
        assert "is already attached to session" in str(added)
        assert "is already attached to session" in str(deleted)
        assert added is not None
        assert deleted is not None
        assert traceback.extract_tb(added.__traceback__)[-1].name == "_before_attach"
        assert traceback.extract_tb(deleted.__traceback__)[-1].name == "_before_attach"


async def claim_refresh(engine: AsyncEngine) -> None:
    """`refresh()` in another session says `is not persistent within this Session` instead."""
    async with AsyncSession(engine) as first, AsyncSession(engine) as second:
        error = await refusal(second.refresh(await stored(first)))
        assert "is not persistent within this Session" in str(error)


async def claim_get_or_merge(engine: AsyncEngine) -> None:
    """`get()` with the id, or `merge()`, gives the second session an object of its own for the same row."""
    async with AsyncSession(engine) as first, AsyncSession(engine) as second, AsyncSession(engine) as third:
        user = await stored(first)
        got, merged = await second.get_one(User, 1), await third.merge(user)
        assert got is not user
        assert merged is not user
        assert async_object_session(got) is second
        assert async_object_session(merged) is third


async def claim_closed(engine: AsyncEngine) -> None:
    """When the first session is closed, the second takes the object with `add()`."""
    async with AsyncSession(engine) as first, AsyncSession(engine) as second:
        user = await stored(first)
        assert async_object_session(user) is first
        await first.close()
        assert async_object_session(user) is None
        second.add(user)
        assert async_object_session(user) is second


async def claim_merge_expired(engine: AsyncEngine) -> None:
    """`merge()` also works after a commit of the first session, which is still open, has expired the object."""
    async with AsyncSession(engine) as first, AsyncSession(engine) as second:
        user = await stored(first)
        await first.commit()
        merged = await second.merge(user)
        assert merged.name == "Ada"
        assert async_object_session(merged) is second


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
