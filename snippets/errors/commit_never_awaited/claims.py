# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import subprocess
import tempfile
import traceback
import warnings
from collections.abc import Awaitable, Callable
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")
COMMAND = r"grep -rnE '\b(session|db)\.(commit|rollback|flush|close|refresh|merge|delete)\(' app | grep -v await"

MODULE = """
await session.commit()
session.commit()
self.session.commit()
"""


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)


def found() -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "app").mkdir()
        Path(folder, "app", "orders.py").write_text(MODULE)
        done = subprocess.run(COMMAND, shell=True, cwd=folder, capture_output=True, text=True)
        return done.stdout.splitlines()


async def claim_same_session(engine: AsyncEngine) -> None:
    """The session with the forgotten `await` finds the row that it has flushed; another session, with a connection of its own, does not."""
    async with AsyncSession(engine) as session, AsyncSession(engine) as another:
        session.add(User(id=1))
        await session.flush()
        session.commit().close()  # A coroutine that nothing awaits, closed so that it does not warn.
        session.expunge_all()
        assert await session.get(User, 1) is not None
        assert await another.get(User, 1) is None


async def claim_grep(engine: AsyncEngine) -> None:
    """The command finds `session.commit()` and `self.session.commit()`, and leaves out `await session.commit()`."""
    assert await asyncio.to_thread(found) == [
        "app/orders.py:3:session.commit()",
        "app/orders.py:4:self.session.commit()",
    ]


async def claim_warned_once(engine: AsyncEngine) -> None:
    """By default, Python shows this warning once for a line of code, however often the line runs."""

    def save(session: AsyncSession) -> None:
        session.commit()  # type: ignore[unused-coroutine]

    with warnings.catch_warnings(record=True) as shown:
        warnings.simplefilter("default")
        async with AsyncSession(engine) as session:
            for _ in range(3):
                save(session)
    assert ["never awaited" in str(warning.message) for warning in shown] == [True]


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
