import asyncio
import os

from alembic import context
from models import Base  # type: ignore[import-not-found]
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool


def run(**where: object) -> None:
    context.configure(target_metadata=Base.metadata, **where)  # type: ignore[arg-type]
    with context.begin_transaction():
        context.run_migrations()


def run_on(connection: Connection) -> None:
    run(connection=connection)


async def run_online() -> None:
    engine = create_async_engine(os.environ["DATABASE_URL"], poolclass=NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(run_on)
    await engine.dispose()


if context.is_offline_mode():
    run(url=os.environ["DATABASE_URL"], literal_binds=True)
else:
    asyncio.run(run_online())
