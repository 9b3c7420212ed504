# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "alembic", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import contextlib
import io
import logging
import os
import tempfile
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


def init(folder: Path) -> Config:
    """What `alembic init -t async migrations` writes."""
    config = Config(folder / "alembic.ini", stdout=io.StringIO())
    command.init(config, str(folder / "migrations"), template="async")
    return config


def replace(path: Path, old: str, new: str) -> None:
    path.write_text(path.read_text().replace(old, new))


# --8<-- [start:logging]
async def upgrade(config: Config, env: Path) -> None:
    call = "fileConfig(config.config_file_name)"
    kept = "fileConfig(config.config_file_name, disable_existing_loggers=False)"
    uvicorn = logging.getLogger("uvicorn.error")
    await asyncio.to_thread(command.upgrade, config, "head")
    print("as generated:", "silenced" if uvicorn.disabled else "still logs")
    #> as generated: silenced
    uvicorn.disabled = False
    replace(env, call, kept)
    await asyncio.to_thread(command.upgrade, config, "head")
    print("with disable_existing_loggers=False:", "silenced" if uvicorn.disabled else "still logs")
    #> with disable_existing_loggers=False: still logs


# --8<-- [end:logging]


async def clean_up() -> None:
    """The next run starts without tables."""
    engine = create_async_engine(DATABASE_URL)
    async with engine.begin() as connection:
        await connection.execute(text("DROP TABLE IF EXISTS alembic_version"))
    await engine.dispose()


async def main() -> None:
    try:
        with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stderr(io.StringIO()):
            config = init(Path(folder))
            config.set_main_option("sqlalchemy.url", DATABASE_URL.replace("%", "%%"))
            await upgrade(config, Path(folder, "migrations", "env.py"))
    finally:
        await clean_up()


if __name__ == "__main__":
    asyncio.run(main())
