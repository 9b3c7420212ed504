# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
from typing import Any

from sqlalchemy import event, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


statements: list[str] = []


def remember(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
    statements.append(statement.split()[0])


def read_every_name(session: Session, users: list[User]) -> list[str]:
    return [user.name for user in users]


# --8<-- [start:many]
async def commit_then_read(session_factory: async_sessionmaker[AsyncSession]) -> str:
    async with session_factory() as session:
        users = list(await session.scalars(select(User)))
        users[0].name += "!"
        statements.clear()
        await session.commit()
        by_commit = statements.copy()
        await session.run_sync(read_every_name, users)
        selects = statements.count("SELECT")
        return f"{len(users)} users: commit sent {by_commit}, then {selects} SELECT"


# --8<-- [end:many]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        event.listen(engine.sync_engine, "before_cursor_execute", remember)
        default = async_sessionmaker(engine)
        kept = async_sessionmaker(engine, expire_on_commit=False)
        async with default.begin() as session:
            session.add_all([User(name="Ada") for _ in range(100)])
        # --8<-- [start:count]
        print("default:", await commit_then_read(default))
        #> default: 100 users: commit sent ['UPDATE'], then 100 SELECT
        print("False:  ", await commit_then_read(kept))
        #> False:   100 users: commit sent ['UPDATE'], then 0 SELECT
        # --8<-- [end:count]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
