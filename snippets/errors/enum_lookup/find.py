# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import enum
import os

from sqlalchemy import Enum, String, cast, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class PaymentStatus(enum.Enum):
    OPEN = "open"
    PAID = "paid"


STATUS = Enum(PaymentStatus, native_enum=False)


class Payment(Base):
    __tablename__ = "payments"

    id: Mapped[int] = mapped_column(primary_key=True)
    status: Mapped[PaymentStatus] = mapped_column(STATUS)


# --8<-- [start:find]
async def find_unknown(session: AsyncSession) -> None:
    word = cast(Payment.status, String)
    query = select(word, func.count()).where(word.not_in(STATUS.enums)).group_by(word)
    print((await session.execute(query)).all())
    #> [('paid', 2)]


# --8<-- [end:find]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
            await connection.execute(text("INSERT INTO payments VALUES (1, 'paid'), (2, 'PAID'), (3, 'paid')"))
        async with async_sessionmaker(engine)() as session:
            await find_unknown(session)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
