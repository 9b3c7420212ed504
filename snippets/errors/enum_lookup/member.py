# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]", "pydantic"]
# ///
import asyncio
import os
from enum import Enum

from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


# --8<-- [start:models]
class PaymentStatus(Enum):
    OPEN = "open"
    PAID = "paid"


class Payment(Base):
    __tablename__ = "payments"

    id: Mapped[int] = mapped_column(primary_key=True)
    status: Mapped[PaymentStatus]


class PaymentIn(BaseModel):
    status: PaymentStatus


# --8<-- [end:models]


# --8<-- [start:create]
async def create(session: AsyncSession, body: str) -> None:
    data = PaymentIn.model_validate_json(body)
    session.add(Payment(id=1, status=data.status))
    await session.commit()


async def read(session: AsyncSession) -> None:
    payment = await session.get_one(Payment, 1)
    print(payment.status.value)
    #> paid


# --8<-- [end:create]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine)
        # --8<-- [start:run]
        async with session_factory() as session:
            await create(session, '{"status": "paid"}')
        async with session_factory() as session:
            await read(session)
        # --8<-- [end:run]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
