# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite"]
# ///
# drivers: aiosqlite (PostgreSQL's sequences do not give a number twice)
import asyncio
import os

from sqlalchemy import func, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


# --8<-- [start:model]
class Message(Base):
    __tablename__ = "outbox"
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int]


# --8<-- [end:model]


class Handled(Base):
    __tablename__ = "handled_messages"

    message_id: Mapped[int] = mapped_column(primary_key=True)


class Parcel(Base):
    __tablename__ = "parcels"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int]


async def consume(session: AsyncSession, message_id: int, order_id: int) -> None:
    new = insert(Handled).values(message_id=message_id).on_conflict_do_nothing()
    if await session.scalar(new.returning(Handled.message_id)) is None:
        return
    session.add(Parcel(order_id=order_id))
    await session.commit()


async def relay(session_factory: async_sessionmaker[AsyncSession]) -> list[tuple[int, int]]:
    """The messages that wait in the outbox. They are deleted there."""
    async with session_factory.begin() as session:
        messages = (await session.scalars(select(Message).order_by(Message.id))).all()
        for message in messages:
            await session.delete(message)
    return [(message.id, message.order_id) for message in messages]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine, expire_on_commit=False)
        # --8<-- [start:orders]
        for order_id in 1, 2:
            async with session_factory.begin() as session:
                session.add(Message(order_id=order_id))
            for published in await relay(session_factory):
                async with session_factory() as session:
                    await consume(session, *published)
        # --8<-- [end:orders]
        # --8<-- [start:count]
        async with session_factory() as session:
            parcels = await session.scalar(select(func.count()).select_from(Parcel))
            print("orders: 2, parcels:", parcels)
            #> orders: 2, parcels: 2
        # --8<-- [end:count]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
