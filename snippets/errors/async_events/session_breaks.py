# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# raises: sqlalchemy.exc.InvalidRequestError
import asyncio
import os
from typing import Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Invoice(Base):
    __tablename__ = "invoices"

    id: Mapped[int] = mapped_column(primary_key=True)
    cents: Mapped[int]


class ShopSession(Session):
    """The session inside: AsyncSession hands all work to one of these."""


# --8<-- [start:listen]
def audit(session_class: Any) -> None:
    @event.listens_for(session_class, "before_flush")
    def log_new(session: Session, flush_context: Any, instances: Any) -> None:
        print("to be inserted:", [type(new).__name__ for new in session.new])


# --8<-- [end:listen]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        # --8<-- [start:register]
        audit(AsyncSession)
        session_factory = async_sessionmaker(engine, sync_session_class=ShopSession)
        # --8<-- [end:register]
        async with session_factory.begin() as session:
            session.add(Invoice(cents=1200))
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
