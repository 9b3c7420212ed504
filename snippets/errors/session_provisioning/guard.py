# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# unrecorded: several tasks at once, and which of them comes first varies
import asyncio
import os
from typing import Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, ORMExecuteState, Session, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class City(Base):
    __tablename__ = "cities"

    name: Mapped[str] = mapped_column(primary_key=True)
    visits: Mapped[int] = mapped_column(default=0)


# --8<-- [start:guard]
class OneTaskSession(Session):
    pass


@event.listens_for(OneTaskSession, "do_orm_execute")
def queries(state: ORMExecuteState) -> None:
    refuse_a_second_task(state.session)


@event.listens_for(OneTaskSession, "before_flush")
def flushes(session: Session, *_: Any) -> None:
    refuse_a_second_task(session)


def refuse_a_second_task(session: Session) -> None:
    task = asyncio.current_task()
    if session.info.setdefault("task", task) is not task:
        raise RuntimeError("this session is used by two tasks")


# --8<-- [end:guard]


async def visits(session: AsyncSession, name: str) -> int:
    return (await session.get_one(City, name)).visits


# --8<-- [start:call]
async def all_visits(session_factory: async_sessionmaker[AsyncSession]) -> None:
    async with session_factory() as session:
        tasks = [visits(session, name) for name in ("Oslo", "Rome", "Lima")]
        print(await asyncio.gather(*tasks, return_exceptions=True))
        """
        [
            2,
            RuntimeError('this session is used by two tasks'),
            RuntimeError('this session is used by two tasks'),
        ]
        """


# --8<-- [end:call]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        # --8<-- [start:factory]
        session_factory = async_sessionmaker(engine, sync_session_class=OneTaskSession)
        # --8<-- [end:factory]
        async with session_factory.begin() as session:
            session.add_all([City(name=name, visits=2) for name in ("Oslo", "Rome", "Lima")])
        await all_visits(session_factory)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
