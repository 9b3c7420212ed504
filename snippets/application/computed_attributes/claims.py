# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import traceback
from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import ForeignKey, select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import DeclarativeBase, Mapped, MappedAsDataclass, mapped_column, relationship

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(MappedAsDataclass, DeclarativeBase):
    pass


class Owner(Base):
    __tablename__ = "dataclass_owners"

    id: Mapped[int] = mapped_column(primary_key=True)


class Pet(Base):
    __tablename__ = "dataclass_pets"

    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("dataclass_owners.id"), default=None)
    owner: Mapped[Owner | None] = relationship(default=None)


class Dog(Base):
    __tablename__ = "dataclass_dogs"

    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("dataclass_owners.id"), default=None)
    owner: Mapped[Owner | None] = relationship(init=False)


class Plain(Base, eq=False):
    __tablename__ = "dataclass_plain"

    id: Mapped[int] = mapped_column(primary_key=True)


async def claim_foreign_key(engine: AsyncEngine) -> None:
    """With `relationship(default=None)` in a dataclass, `Pet(id=1, owner_id=7)` stores the 7."""
    async with AsyncSession(engine) as session:
        session.add(Owner(id=7))
        await session.flush()
        session.add(Pet(id=1, owner_id=7))
        await session.commit()
        stored = await session.scalar(select(Pet.owner_id))
        assert stored == 7, "it stores NULL"


async def claim_init_false(engine: AsyncEngine) -> None:
    """With `relationship(init=False)` instead, `Dog(id=1, owner_id=7)` stores the 7."""
    async with AsyncSession(engine) as session:
        session.add(Owner(id=7))
        await session.flush()
        session.add(Dog(id=1, owner_id=7))
        await session.commit()
        stored = await session.scalar(select(Dog.owner_id))
        assert stored == 7


async def claim_hash(engine: AsyncEngine) -> None:
    """With `class Base(MappedAsDataclass, DeclarativeBase)`, an object cannot be put into a set. `eq=False` in this base class changes that, and in the class alone it does not."""
    for unhashable in Owner(id=1), Plain(id=1):
        error = None
        try:
            _ = {unhashable}
        except TypeError as raised:
            error = raised
        assert error is not None

    class Identity(MappedAsDataclass, DeclarativeBase, eq=False):
        pass

    class Keeper(Identity):
        __tablename__ = "dataclass_keepers"

        id: Mapped[int] = mapped_column(primary_key=True)

    keeper = Keeper(id=1)
    assert keeper in {keeper}
    assert keeper != Keeper(id=1)


async def claim_class_level(engine: AsyncEngine) -> None:
    """Without an `expression`, a hybrid that loops over a relationship raises when you use it in a query."""

    class Local(DeclarativeBase):
        pass

    class Line(Local):
        __tablename__ = "hybrid_lines"

        id: Mapped[int] = mapped_column(primary_key=True)
        order_id: Mapped[int] = mapped_column(ForeignKey("hybrid_orders.id"))
        price: Mapped[int]

    class Order(Local):
        __tablename__ = "hybrid_orders"

        id: Mapped[int] = mapped_column(primary_key=True)
        lines: Mapped[list[Line]] = relationship()

        @hybrid_property
        def total(self) -> Any:
            return sum(line.price for line in self.lines)

    error = None
    try:
        select(Order).where(Order.total > 1)
    except Exception as raised:
        error = raised
    assert error is not None


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
