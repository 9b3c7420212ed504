# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os

from sqlalchemy import func
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from would_load import would_load

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


# --8<-- [start:application]
class Invoice(Base):
    __tablename__ = "invoices"

    id: Mapped[int] = mapped_column(primary_key=True)
    status: Mapped[str]
    pdf: Mapped[bytes | None] = mapped_column(deferred=True)
    updated_at: Mapped[str | None] = mapped_column(onupdate=func.lower("NOW"))


async def pay(session: AsyncSession, invoice: Invoice) -> Invoice:
    invoice.status = "paid"
    await session.commit()
    return invoice
    # --8<-- [end:application]


# --8<-- [start:test]
async def test_what_pay_returns(session: AsyncSession) -> None:
    invoice = await pay(session, await session.get_one(Invoice, 1))
    missing = would_load(invoice).keys() & {"id", "status", "updated_at"}
    print(missing)  # A test asserts that it is empty.
    #> {'updated_at'}
    # --8<-- [end:test]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with AsyncSession(engine, expire_on_commit=False) as session:
        session.add(Invoice(id=1, status="open"))
        await session.flush()
        await test_what_pay_returns(session)
    await engine.dispose()


asyncio.run(main())
