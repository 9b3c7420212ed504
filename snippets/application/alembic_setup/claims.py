# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "alembic", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import io
import os
import tempfile
import traceback
from collections.abc import Awaitable, Callable, Iterator
from configparser import InterpolationSyntaxError
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from types import ModuleType

import alembic
import sqlalchemy
from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


@contextmanager
def project() -> Iterator[Config]:
    """What `alembic init -t async migrations` writes."""
    with tempfile.TemporaryDirectory() as folder:
        config = Config(Path(folder, "alembic.ini"))
        with redirect_stdout(io.StringIO()):
            command.init(config, str(Path(folder, "migrations")), template="async")
        yield config


def put_into_the_file(url: str) -> None:
    with project() as config:
        assert config.config_file_name is not None
        file = Path(config.config_file_name)
        file.write_text(file.read_text().replace("driver://user:pass@localhost/dbname", url))
        fresh = Config(file)
        assert fresh.get_main_option("sqlalchemy.url") == "postgresql+asyncpg://shop:50%25off@db/shop"


def sources_of(package: ModuleType) -> list[str]:
    return [file.read_text(encoding="utf-8") for folder in package.__path__ for file in Path(folder).rglob("*.py")]


async def claim_percent_in_the_file(engine: AsyncEngine) -> None:
    """In `alembic.ini`, the same URL raises `InterpolationSyntaxError`. With each `%` written twice, Alembic reads it."""
    put_into_the_file("postgresql+asyncpg://shop:50%%25off@db/shop")
    error = None
    try:
        put_into_the_file("postgresql+asyncpg://shop:50%25off@db/shop")
    except InterpolationSyntaxError as raised:
        error = raised
    assert error is not None


async def claim_without_target_metadata(engine: AsyncEngine) -> None:
    """With the `env.py` of `alembic init -t async` as it is, `alembic check` and `revision --autogenerate` raise `CommandError`: it has no `target_metadata`."""

    def refused(call: Callable[[Config], object]) -> str:
        with project() as config:
            config.set_main_option("sqlalchemy.url", DATABASE_URL.replace("%", "%%"))
            try:
                call(config)
            except CommandError as raised:
                return str(raised)
        return ""

    def with_autogenerate(config: Config) -> object:
        return command.revision(config, autogenerate=True)

    assert "MetaData object" in await asyncio.to_thread(refused, command.check)
    assert "MetaData object" in await asyncio.to_thread(refused, with_autogenerate)


async def claim_no_async_context(engine: AsyncEngine) -> None:
    """`AsyncMigrationContext` does not exist: neither Alembic nor SQLAlchemy has the name in any of its modules. `MigrationContext` is in Alembic."""
    sources = [*sources_of(alembic), *sources_of(sqlalchemy)]
    assert any("class MigrationContext" in source for source in sources)
    assert not any("AsyncMigrationContext" in source for source in sources)


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
