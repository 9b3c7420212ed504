import asyncio

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

TABLES = ("users", "orders", "products")


async def count(session: AsyncSession, table: str) -> int:
    return int(await session.scalar(text(f"SELECT count(*) FROM {table}")) or 0)


async def dashboard(session_factory: async_sessionmaker[AsyncSession]) -> dict[str, int]:
    async with session_factory() as session:
        counts = await asyncio.gather(*(count(session, table) for table in TABLES))
    return dict(zip(TABLES, counts, strict=True))
