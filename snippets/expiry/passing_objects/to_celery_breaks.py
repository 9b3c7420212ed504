# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "celery>=5.3", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# raises: kombu.exceptions.EncodeError
import asyncio
import os

from celery import Celery
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


def database_url() -> str:
    return DATABASE_URL


# --8<-- [start:task]
def greet(user_id: int) -> None:
    asyncio.run(greet_user(user_id))


async def greet_user(user_id: int) -> None:
    engine = create_async_engine(database_url())
    try:
        async with AsyncSession(engine) as session:
            user = await session.get_one(User, user_id)
            print(f"Hello {user.name}")
    finally:
        await engine.dispose()


app = Celery("shop", broker="memory://")
greet_task = app.task(greet, name="greet", shared=False)
# --8<-- [end:task]


# --8<-- [start:send]
async def sign_up(session_factory: async_sessionmaker[AsyncSession], name: str) -> None:
    async with session_factory() as session:
        user = User(name=name)
        session.add(user)
        await session.commit()
    greet_task.delay(user)


# --8<-- [end:send]


# --8<-- [start:worker]
def work_off_one_message() -> None:
    """What a worker does: receive, deserialize, call the task."""
    with app.connection_for_read() as broker, broker.SimpleQueue("celery") as queue:
        message = queue.get(timeout=5)
        args, kwargs, _ = message.decode()
        app.tasks[message.headers["task"]](*args, **kwargs)
        message.ack()


# --8<-- [end:worker]


async def main() -> None:
    engine = create_async_engine(database_url())
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine, expire_on_commit=False)
        await sign_up(session_factory, "Ada")
        await asyncio.to_thread(work_off_one_message)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
