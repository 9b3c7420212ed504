# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "pytest", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
from collections.abc import Callable

from no_implicit_io import no_implicit_io
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, ORMExecuteState, Session, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)


class OwnSession(Session):
    """The listeners of this example are on a class of its own."""


Meanwhile = Callable[[ORMExecuteState], None]


# --8<-- [start:threads]
def listen(_: ORMExecuteState) -> None:
    event.listen(OwnSession, "do_orm_execute", print)


def enter(_: ORMExecuteState) -> None:
    with no_implicit_io():
        pass


async def query_while(meanwhile: Meanwhile, session: AsyncSession) -> None:
    event.listen(OwnSession, "do_orm_execute", meanwhile)
    try:
        print(meanwhile.__name__, await session.get(User, 1))
        #> enter None
    except RuntimeError as error:
        print(meanwhile.__name__, error)
        #> listen deque mutated during iteration
    event.remove(OwnSession, "do_orm_execute", meanwhile)
    # --8<-- [end:threads]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with AsyncSession(engine, sync_session_class=OwnSession) as session:
        await query_while(enter, session)
        await query_while(listen, session)
    await engine.dispose()


asyncio.run(main())
