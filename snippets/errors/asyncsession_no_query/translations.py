# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


# --8<-- [start:translations]
async def translations(session: AsyncSession) -> None:
    # session.query(User).get(1)
    await session.get(User, 1)

    # session.query(User).filter_by(name="Ada").one()
    (await session.scalars(select(User).filter_by(name="Ada"))).one()

    # session.query(User).order_by(User.name).all()
    (await session.scalars(select(User).order_by(User.name))).all()

    # session.query(User.id, User.name).all()
    (await session.execute(select(User.id, User.name))).all()

    # session.query(User).count()
    await session.scalar(select(func.count()).select_from(User))

    # session.query(User).filter(User.id == 1).update({"name": "Grace"})
    await session.execute(update(User).where(User.id == 1).values(name="Grace"))

    # session.query(User).filter(User.id == 1).delete()
    await session.execute(delete(User).where(User.id == 1))


# --8<-- [end:translations]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine)
        async with session_factory.begin() as session:
            session.add(User(id=1, name="Ada"))
        async with session_factory() as session:
            await translations(session)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
