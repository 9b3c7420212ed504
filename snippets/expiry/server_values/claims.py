# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import traceback
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from sqlalchemy import func, inspect, select, update
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=func.now())


class Document(Base):
    __tablename__ = "documents"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    title: Mapped[str]
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=func.now())
    __mapper_args__ = {"polymorphic_on": "kind", "polymorphic_identity": "document"}


class Invoice(Document):
    __mapper_args__ = {"polymorphic_identity": "invoice", "eager_defaults": True}


class Contract(Base):
    __tablename__ = "contracts"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    title: Mapped[str]
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=func.now())
    __mapper_args__ = {"polymorphic_on": "kind", "polymorphic_identity": "contract", "eager_defaults": True}


class Lease(Contract):
    __mapper_args__ = {"polymorphic_identity": "lease"}


async def expired_by_an_update(engine: AsyncEngine, changed: Any) -> set[str]:
    async with AsyncSession(engine) as session:
        session.add(changed)
        await session.flush()
        changed.title = "changed"
        await session.flush()
        expired: set[str] = inspect(changed).expired_attributes
        return expired


async def claim_topmost_class(engine: AsyncEngine) -> None:
    """With single-table inheritance, the topmost mapped class decides about `eager_defaults` for an `UPDATE`; that of a subclass has no effect."""
    assert await expired_by_an_update(engine, Invoice(title="new")) == {"updated_at"}
    assert await expired_by_an_update(engine, Lease(title="new")) == set()


async def claim_update_statement(engine: AsyncEngine) -> None:
    """By default, an `update()` by id expires the `onupdate` column of the object in the session that matches, and not of the other one."""
    async with AsyncSession(engine) as session:
        ada, grace = User(name="Ada"), User(name="Grace")
        session.add_all([ada, grace])
        await session.flush()
        await session.execute(update(User).where(User.id == ada.id).values(name="Ada Lovelace"))
        assert inspect(ada).expired_attributes == {"updated_at"}
        assert inspect(grace).expired_attributes == set()


async def claim_update_matches_in_memory(engine: AsyncEngine) -> None:
    """By default, `update()` compares a simple condition with the loaded values: here an old object that matches gets the new value, although its row does not match."""
    async with AsyncSession(engine) as session, session.begin():
        session.add(User(id=1, name="Ada"))
    async with AsyncSession(engine) as session:
        user = await session.get_one(User, 1)
        async with AsyncSession(engine) as other, other.begin():
            await other.execute(update(User).values(name="Grace"))
        await session.execute(update(User).where(User.name == "Ada").values(name="Barbara"))
        assert user.name == "Barbara"
        assert await session.scalar(select(User.name)) == "Grace"


async def claim_update_with_a_function(engine: AsyncEngine) -> None:
    """By default, an `update()` that sets a column to an SQL function (here `upper()`) expires this column in the object that matches."""
    async with AsyncSession(engine) as session:
        user = User(name="Ada")
        session.add(user)
        await session.flush()
        await session.execute(update(User).values(name=func.upper(User.name)))
        assert "name" in inspect(user).expired_attributes


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
