from datetime import datetime

from sqlalchemy import func
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=func.now())


async def rename(
    session_factory: async_sessionmaker[AsyncSession], user_id: int, name: str
) -> tuple[str, datetime]:
    async with session_factory() as session:
        user = await session.get_one(User, user_id)
        user.name = name
        await session.flush()
        updated_at = user.updated_at
        await session.commit()
        return user.name, updated_at
