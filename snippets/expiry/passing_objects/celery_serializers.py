# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "celery>=5.3", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
from typing import Any

from celery import Celery
from kombu.exceptions import ContentDisallowed, EncodeError
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


def greet(user: User) -> str:
    return f"Hello {user.name}"


# --8<-- [start:settings]
SETTINGS: dict[str, dict[str, Any]] = {
    "JSON, the default": {},
    "JSON, task_always_eager": {"task_always_eager": True},
    "pickle": {"task_serializer": "pickle", "accept_content": ["pickle"]},
    "pickle, worker accepts JSON": {"task_serializer": "pickle"},
}
# --8<-- [end:settings]


# --8<-- [start:table]
async def compare(session_factory: async_sessionmaker[AsyncSession]) -> None:
    print("Serializer | expired user | loaded user")
    #> Serializer | expired user | loaded user
    expired = await sign_up(session_factory, keep=False)
    loaded = await sign_up(session_factory, keep=True)
    for title, settings in SETTINGS.items():
        outcomes = [send_and_receive(user, settings) for user in (expired, loaded)]
        print(f"{title} | {outcomes[0]} | {outcomes[1]}")
        #> JSON, the default | EncodeError at .delay() | EncodeError at .delay()
        #> JSON, task_always_eager | EncodeError at .delay() | EncodeError at .delay()
        #> pickle | DetachedInstanceError in the worker | Hello Ada
        #> pickle, worker accepts JSON | ContentDisallowed in the worker | ContentDisallowed in the worker


# --8<-- [end:table]


async def sign_up(session_factory: async_sessionmaker[AsyncSession], keep: bool) -> User:
    async with session_factory(expire_on_commit=not keep) as session:
        user = User(name="Ada")
        session.add(user)
        await session.commit()
    return user


def send_and_receive(user: User, settings: dict[str, Any]) -> str:
    app = Celery("shop", broker="memory://", set_as_current=False)
    app.conf.update(settings)
    task = app.task(greet, name="greet", shared=False)
    try:
        task.delay(user)
    except EncodeError:
        return "EncodeError at .delay()"
    options = {"no_ack": True, "accept": app.conf.accept_content}
    with app.connection_for_read() as broker, broker.SimpleQueue("celery", **options) as queue:
        try:
            args, kwargs, _ = queue.get(timeout=5).decode()
            return str(task(*args, **kwargs))
        except (ContentDisallowed, SQLAlchemyError) as error:
            return f"{type(error).__name__} in the worker"


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        await compare(async_sessionmaker(engine))
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
