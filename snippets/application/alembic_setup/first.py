# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "alembic", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# needs: empty
import asyncio
import io
import os
import re
import shlex
import tempfile
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path

from alembic import command
from alembic.config import CommandLine, Config
from sqlalchemy import Connection, inspect, text
from sqlalchemy.ext.asyncio import create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")

# --8<-- [start:models]
MODELS = """
from sqlalchemy import ForeignKey, MetaData, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(320), unique=True)


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
"""
# --8<-- [end:models]

# --8<-- [start:env]
ENV = """
import asyncio
import os
from logging.config import fileConfig

from alembic import context
from shop.models import Base
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

config = context.config
if config.config_file_name is not None:
    fileConfig(config.config_file_name, disable_existing_loggers=False)


def run(**where: object) -> None:
    context.configure(
        target_metadata=Base.metadata,
        compare_server_default=True,
        transaction_per_migration=True,
        **where,
    )
    with context.begin_transaction():
        context.run_migrations()


def run_on(connection: Connection) -> None:
    run(connection=connection)


async def run_online() -> None:
    engine = create_async_engine(os.environ["DATABASE_URL"], poolclass=NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(run_on)
    await engine.dispose()


given = config.attributes.get("connection")
if context.is_offline_mode():
    run(url=os.environ["DATABASE_URL"], literal_binds=True)
elif given is not None:
    run_on(given)
else:
    asyncio.run(run_online())
"""
# --8<-- [end:env]


KEPT = ("Detected added", "Running", "No new", "CREATE", "FAILED")


def alembic(arguments: str) -> str:
    """Call `alembic`, and keep some lines of its log and of its output."""
    said = io.StringIO()
    tool = CommandLine()
    options = tool.parser.parse_args(shlex.split(arguments))
    with redirect_stdout(said), redirect_stderr(said):
        tool.run_cmd(Config("alembic.ini", cmd_opts=options, stdout=said), options)
    lines = [re.sub(r"^INFO +\[.*?\] ", "", line) for line in said.getvalue().splitlines()]
    return "\n".join(line for line in lines if line.startswith(KEPT))


def set_up() -> None:
    # --8<-- [start:steps]
    alembic("init -t async migrations")
    Path("migrations", "env.py").write_text(ENV)
    print(alembic('revision --autogenerate --rev-id 1 -m "users and orders"'))
    """
    Detected added table 'users'
    Detected added table 'orders'
    Detected added index 'ix_orders_user_id' on '('user_id',)'
    """
    print(alembic("upgrade head"))
    #> Running upgrade  -> 1, users and orders
    print(alembic("check"))
    #> No new upgrade operations detected.
    # --8<-- [end:steps]
    # --8<-- [start:names]
    revision = Path("migrations", "versions", "1_users_and_orders.py").read_text()
    print(sorted(re.findall(r"op\.f\('(\w+)'\)", revision.partition("def downgrade")[0])))
    #> ['fk_orders_user_id_users', 'ix_orders_user_id', 'pk_orders', 'pk_users', 'uq_users_email']
    # --8<-- [end:names]
    # --8<-- [start:offline]
    print(alembic("upgrade head --sql"))
    """
    CREATE TABLE alembic_version (
    Running upgrade  -> 1, users and orders
    CREATE TABLE users (
    CREATE TABLE orders (
    CREATE INDEX ix_orders_user_id ON orders (user_id);
    """
    # --8<-- [end:offline]


def down_and_up(config: Config) -> list[str]:
    command.downgrade(config, "base")
    command.upgrade(config, "head")
    return sorted(inspect(config.attributes["connection"]).get_table_names())


# --8<-- [start:given]
def hand_over(connection: Connection) -> list[str]:
    config = Config("alembic.ini")
    config.attributes["connection"] = connection
    return down_and_up(config)


async def in_a_test() -> None:
    engine = create_async_engine(DATABASE_URL)
    async with engine.begin() as connection:
        print(await connection.run_sync(hand_over))
        #> ['alembic_version', 'orders', 'users']
    await engine.dispose()


# --8<-- [end:given]


async def clean_up() -> None:
    """The next run starts without tables."""
    engine = create_async_engine(DATABASE_URL)
    async with engine.begin() as connection:
        for table in ("orders", "users", "alembic_version"):
            await connection.execute(text(f"DROP TABLE IF EXISTS {table}"))
    await engine.dispose()


def run() -> None:
    os.environ["DATABASE_URL"] = DATABASE_URL
    with tempfile.TemporaryDirectory() as folder, chdir(folder):
        Path("shop").mkdir()
        Path("shop", "models.py").write_text(MODELS)
        asyncio.run(clean_up())
        set_up()
        asyncio.run(in_a_test())
        asyncio.run(clean_up())


if __name__ == "__main__":
    run()
