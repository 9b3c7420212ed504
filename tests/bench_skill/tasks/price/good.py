from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Price(Base):
    __tablename__ = "prices"

    sku: Mapped[str] = mapped_column(primary_key=True)
    cents: Mapped[int]


async def set_price(session_factory: async_sessionmaker[AsyncSession], sku: str, cents: int) -> None:
    async with session_factory.begin() as session:
        insert: Any = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
        statement = insert(Price).values(sku=sku, cents=cents)
        statement = statement.on_conflict_do_update(
            index_elements=[Price.sku], set_={"cents": statement.excluded.cents}
        )
        await session.execute(statement)
