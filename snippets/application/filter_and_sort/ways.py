# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
from collections.abc import Callable
from typing import Any

from sqlalchemy import ForeignKey, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))


# --8<-- [start:model]
class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    password_hash: Mapped[str]
    orders: Mapped[list[Order]] = relationship()


# --8<-- [end:model]
SORTS = {"name": User.name}
WAYS: dict[str, Callable[[str], Any]] = {
    "`getattr(User, sort)`": lambda sort: getattr(User, sort),
    "`order_by(sort)`": lambda sort: sort,
    "`SORTS[sort]`": lambda sort: SORTS[sort],
}
NAMES = "name", "password_hash", "orders", "metadata", "nope", "name DESC"


async def outcome(session: AsyncSession, column: Callable[[str], Any], name: str) -> str:
    try:
        users = await session.scalars(select(User).order_by(column(name)))
        return f"sorted: {', '.join(str(user.id) for user in users)}"
    except DBAPIError:
        await session.rollback()
        return "error in the database"
    except Exception as error:
        return f"`{type(error).__name__}`"


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine, expire_on_commit=False)
        async with session_factory.begin() as session:
            session.add(User(id=1, name="Ada", password_hash="b7"))
            session.add(User(id=2, name="Grace", password_hash="c9"))
            session.add(User(id=3, name="Mary", password_hash="a1"))
        rows = []
        async with session_factory() as session:
            for name in NAMES:
                cells = [await outcome(session, column, name) for column in WAYS.values()]
                rows.append(" | ".join([f"`{name}`", *cells]))
        # --8<-- [start:table]
        print("`sort` |", " | ".join(WAYS))
        #> `sort` | `getattr(User, sort)` | `order_by(sort)` | `SORTS[sort]`
        for row in rows:
            print(row)
            #> `name` | sorted: 1, 2, 3 | sorted: 1, 2, 3 | sorted: 1, 2, 3
            #> `password_hash` | sorted: 3, 1, 2 | sorted: 3, 1, 2 | `KeyError`
            #> `orders` | error in the database | `CompileError` | `KeyError`
            #> `metadata` | `ArgumentError` | `CompileError` | `KeyError`
            #> `nope` | `AttributeError` | `CompileError` | `KeyError`
            #> `name DESC` | `AttributeError` | `CompileError` | `KeyError`
        # --8<-- [end:table]
    finally:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
