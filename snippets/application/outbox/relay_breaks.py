# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite has no row locks, and SQLAlchemy leaves FOR UPDATE out)
# silent: the message is gone from the outbox and was not published
import asyncio
import os
import signal
import sys

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


class Base(DeclarativeBase):
    pass


class Message(Base):
    __tablename__ = "outbox"

    id: Mapped[int] = mapped_column(primary_key=True)
    body: Mapped[str]


async def publish(body: str) -> None:
    """Your broker: here the process that started this one reads it from a pipe."""
    sys.stdout.write(f"{body}\n")
    sys.stdout.flush()


def killed_here() -> None:
    if "killed" in sys.argv:
        os.kill(os.getpid(), signal.SIGKILL)


# --8<-- [start:relay]
async def relay_one(session: AsyncSession) -> bool:
    waiting = select(Message).order_by(Message.id).limit(1)
    message = await session.scalar(waiting.with_for_update(skip_locked=True))
    if message is None:
        return False
    await session.delete(message)
    await session.commit()
    killed_here()
    await publish(message.body)
    return True


# --8<-- [end:relay]


async def run(*arguments: str) -> list[str]:
    """This file in a process of its own, and what that process has published."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, __file__, *arguments, stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    assert process.returncode == (-signal.SIGKILL if "killed" in arguments else 0)
    return output.decode().splitlines()


async def until_unlocked(session_factory: async_sessionmaker[AsyncSession]) -> None:
    """Until the server has noticed that the process is gone: without skip_locked, this waits for the row."""
    async with session_factory() as session:
        await session.scalar(select(Message).with_for_update())


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        session_factory = async_sessionmaker(engine, expire_on_commit=False)
        if "relay" in sys.argv:
            async with session_factory() as session:
                while await relay_one(session):
                    pass
            return
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        async with session_factory.begin() as session:
            session.add(Message(body="order 1 placed"))
        # --8<-- [start:count]
        print("killed:", await run("relay", "killed"))
        #> killed: []
        await until_unlocked(session_factory)
        print("started again:", await run("relay"))
        #> started again: []
        # --8<-- [end:count]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
