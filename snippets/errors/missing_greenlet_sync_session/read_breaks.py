# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# raises: sqlalchemy.exc.MissingGreenlet, sqlalchemy.exc.StatementError
import asyncio
import os

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Invoice(Base):
    __tablename__ = "invoices"

    id: Mapped[int] = mapped_column(primary_key=True)
    cents: Mapped[int]


# --8<-- [start:read]
def revenue(session: Session) -> int | None:
    """Written for a synchronous session."""
    return session.scalar(select(func.sum(Invoice.cents)))


async def show_revenue(session: AsyncSession) -> None:
    print(revenue(session.sync_session))


# --8<-- [end:read]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine, expire_on_commit=False)
        async with session_factory.begin() as session:
            session.add(Invoice(id=1, cents=1200))
        async with session_factory() as session:
            await show_revenue(session)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
