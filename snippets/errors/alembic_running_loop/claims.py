# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0.38", "fastapi", "httpx", "alembic", "aiosqlite", "asyncpg", "psycopg[binary]",
# ]
# ///
import asyncio
import os
import tempfile
import traceback
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import httpx
from alembic import command
from alembic.config import Config
from fastapi import FastAPI
from sqlalchemy import Connection, inspect, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")

ENV = """
import asyncio
from alembic import context
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

config = context.config


def do_run_migrations(connection) -> None:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()


async def run_async_migrations() -> None:
    connectable = create_async_engine(config.get_main_option("sqlalchemy.url"), poolclass=NullPool)
    async with connectable.connect() as connection:
        await connection.run_sync(do_run_migrations)


given = config.attributes.get("connection")
if given is not None:
    do_run_migrations(given)
else:
    running = run_async_migrations()
    try:
        asyncio.run(running)
    finally:
        running.close()
"""

REVISION = """
from alembic import op
from sqlalchemy import Column, Integer

revision, down_revision = "1", None


def upgrade() -> None:
    op.create_table("accounts", Column("id", Integer, primary_key=True))
"""


@contextmanager
def migrations() -> Iterator[Config]:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "env.py").write_text(ENV)
        Path(folder, "versions").mkdir()
        Path(folder, "versions", "1_accounts.py").write_text(REVISION)
        config = Config()
        config.set_main_option("script_location", folder)
        config.set_main_option("sqlalchemy.url", DATABASE_URL.replace("%", "%%"))
        yield config


def upgrade(connection: Connection, config: Config) -> None:
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


async def has_table_and_clean(engine: AsyncEngine) -> bool:
    async with engine.begin() as connection:
        found = await connection.run_sync(lambda sync: inspect(sync).has_table("accounts"))
        await connection.execute(text("DROP TABLE IF EXISTS accounts"))
        await connection.execute(text("DROP TABLE IF EXISTS alembic_version"))
        return found


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    with migrations() as config:
        command.upgrade(config, "head")
    yield


app = FastAPI(lifespan=lifespan)


def with_test_client() -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # It prefers a newer httpx.
        from fastapi.testclient import TestClient
    try:
        with TestClient(app):
            return ""
    except RuntimeError as error:
        return str(error)


async def there_after_a_rollback(engine: AsyncEngine, begin: bool) -> bool:
    with migrations() as config:
        async with engine.connect() as connection:
            if begin:
                await connection.begin()
            await connection.run_sync(upgrade, config)
            await connection.rollback()
    return await has_table_and_clean(engine)


async def claim_your_transaction(engine: AsyncEngine) -> None:
    """If the connection is in a transaction, as in `engine.begin()`, the migration is part of it: after a rollback its tables are gone."""
    assert not await there_after_a_rollback(engine, begin=True), "the tables are there after the rollback"


async def claim_alembic_commits(engine: AsyncEngine) -> None:
    """If it is not in a transaction yet, as in a fresh `engine.connect()`, Alembic begins one and commits it: your rollback changes nothing."""
    assert await there_after_a_rollback(engine, begin=False)


async def claim_own_engine(engine: AsyncEngine) -> None:
    """Without a connection in `config.attributes`, such an `env.py` makes its own engine and migrates."""
    with migrations() as config:
        await asyncio.to_thread(command.upgrade, config, "head")
    assert await has_table_and_clean(engine)


async def claim_test_client(engine: AsyncEngine) -> None:
    """A test with `with TestClient(app)` runs the lifespan and raises the error. `httpx.ASGITransport` does not run the lifespan, so nothing is raised."""
    assert "asyncio.run() cannot be called" in await asyncio.to_thread(with_test_client)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        assert (await client.get("/openapi.json")).status_code == 200


async def claim_frame(engine: AsyncEngine) -> None:
    """The frame before the first one of Alembic is the line that called it."""
    with migrations() as config:
        error = None
        try:
            command.upgrade(config, "head")
        except RuntimeError as raised:
            error = raised
    assert error is not None
    frames = traceback.extract_tb(error.__traceback__)
    alembic = [number for number, frame in enumerate(frames) if "alembic" in Path(frame.filename).parts]
    assert frames[alembic[0] - 1].name == "claim_frame"


async def reason_against(claim: Callable[[AsyncEngine], Awaitable[None]]) -> str:
    """Why a claim does not hold here, or nothing."""
    engine = create_async_engine(DATABASE_URL)
    try:
        await claim(engine)
    except Exception as error:
        line = traceback.extract_tb(error.__traceback__)[-1].line
        return f"{type(error).__name__}: {str(error).partition(chr(10))[0] or line}"
    finally:
        await engine.dispose()
    return ""


async def main() -> None:
    for name, claim in list(globals().items()):
        if name.startswith("claim_"):
            sentence, against = " ".join(claim.__doc__.split()), await reason_against(claim)
            print(f"does not hold: {sentence} ({against})" if against else f"holds: {sentence}")


if __name__ == "__main__":
    asyncio.run(main())
