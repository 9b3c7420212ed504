# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "alembic", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import io
import os
import tempfile
import traceback
import warnings
from collections.abc import Awaitable, Callable
from contextlib import redirect_stdout
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy.exc import MissingGreenlet
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")

DATA_MIGRATION = """
from alembic import op
from sqlalchemy import ForeignKey
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship

revision, down_revision = "1", None


class Model(DeclarativeBase):
    pass


class User(Model):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    orders: Mapped[list["Order"]] = relationship()


class Order(Model):
    __tablename__ = "orders"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))


def upgrade() -> None:
    Model.metadata.create_all(op.get_bind())
    with Session(op.get_bind()) as session:
        session.add(User(id=1, orders=[Order(id=1)]))
        session.commit()
        assert len(session.get(User, 1).orders) == 1
        Model.metadata.drop_all(op.get_bind())
"""


def upgrade(template: str, revision: str, url: str) -> None:
    """`alembic init -t <template>`, a revision, and `alembic upgrade head`."""
    with tempfile.TemporaryDirectory() as folder:
        config = Config(Path(folder, "alembic.ini"))
        with redirect_stdout(io.StringIO()):  # It says which files it makes.
            command.init(config, str(Path(folder, "migrations")), template=template)
        Path(folder, "migrations", "versions", "1_revision.py").write_text(revision)
        config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
        command.upgrade(config, "head")


def refused_in(template: str, revision: str, url: str = DATABASE_URL) -> list[str]:
    """The files in the traceback of a MissingGreenlet, or nothing."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # The driver's coroutine is not awaited: that is the mistake.
        try:
            upgrade(template, revision, url)
        except MissingGreenlet as error:
            return [Path(frame.filename).name for frame in traceback.extract_tb(error.__traceback__)]
        return []


async def claim_templates(engine: AsyncEngine) -> None:
    """With the application's URL in `alembic.ini`, the `env.py` of `alembic init` raises `MissingGreenlet`, and the one of `alembic init -t async` works."""
    assert await asyncio.to_thread(refused_in, "async", DATA_MIGRATION) == []
    assert "env.py" in await asyncio.to_thread(refused_in, "generic", DATA_MIGRATION), "both work"


async def claim_synchronous_url(engine: AsyncEngine) -> None:
    """With a URL of `sqlite:///`, which names no async driver, the `env.py` of `alembic init` works."""
    with tempfile.TemporaryDirectory() as folder:
        assert await asyncio.to_thread(refused_in, "generic", DATA_MIGRATION, f"sqlite:///{folder}/shop.db") == []


async def claim_lazy_in_a_revision(engine: AsyncEngine) -> None:
    """With the asynchronous `env.py`, a revision that uses `Session(op.get_bind())` may load relationships lazily."""
    assert await asyncio.to_thread(refused_in, "async", DATA_MIGRATION) == []


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
