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
        price = await session.get(Price, sku)
        if price is None:
            session.add(Price(sku=sku, cents=cents))
        else:
            price.cents = cents
