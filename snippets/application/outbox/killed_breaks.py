# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# silent: the order is stored, and no message about it is ever published
import asyncio
import os
import signal
import sys

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)


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


# --8<-- [start:order]
async def place_order(session_factory: async_sessionmaker[AsyncSession]) -> None:
    async with session_factory.begin() as session:
        session.add(Order(id=1))
    killed_here()
    await publish("order 1 placed")


# --8<-- [end:order]


async def relay(session_factory: async_sessionmaker[AsyncSession]) -> None:
    async with session_factory.begin() as session:
        for message in await session.scalars(select(Message).order_by(Message.id)):
            await publish(message.body)
            await session.delete(message)


async def run(*arguments: str) -> list[str]:
    """This file in a process of its own, and what that process has published."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, __file__, *arguments, stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    assert process.returncode == (-signal.SIGKILL if "killed" in arguments else 0)
    return output.decode().splitlines()


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        session_factory = async_sessionmaker(engine)
        if "order" in sys.argv:
            return await place_order(session_factory)
        if "relay" in sys.argv:
            return await relay(session_factory)
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        # --8<-- [start:count]
        published = await run("order", "killed") + await run("relay")
        async with session_factory() as session:
            stored = await session.scalar(select(func.count()).select_from(Order))
            print(f"{stored} order, published: {published}")
            #> 1 order, published: []
        # --8<-- [end:count]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
