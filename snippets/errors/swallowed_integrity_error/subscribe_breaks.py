# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# raises: AssertionError
# silent: the commit succeeds, and what was added before the duplicate is not stored
import asyncio
import os

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Subscriber(Base):
    __tablename__ = "subscribers"

    email: Mapped[str] = mapped_column(primary_key=True)


# --8<-- [start:subscribe]
async def subscribe(session: AsyncSession, emails: list[str]) -> None:
    for email in emails:
        try:
            session.add(Subscriber(email=email))
            await session.flush()
        except IntegrityError:
            await session.rollback()
            print(f"{email} is subscribed already")
            #> ada is subscribed already
    await session.commit()


# --8<-- [end:subscribe]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine)
        async with session_factory.begin() as session:
            session.add(Subscriber(email="ada"))
        # --8<-- [start:call]
        async with session_factory() as session:
            await subscribe(session, ["grace", "alan", "ada", "edsger"])
        async with session_factory() as session:
            stored = (await session.scalars(select(Subscriber.email))).all()
        print(sorted(stored))
        #> ['ada', 'edsger']
        assert len(stored) == 4, "grace and alan are lost"
        # --8<-- [end:call]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
