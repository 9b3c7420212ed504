# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]", "sqlmodel", "uvicorn"]
# ///
import asyncio
import os
import runpy
import subprocess
import sys
import tempfile
import traceback
import warnings
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Integer, MetaData, Table, select
from sqlalchemy.exc import InvalidRequestError, SAWarning
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlmodel import SQLModel

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")
DEFINED = "Table 'orders' is already defined for this MetaData instance"


def order(base: type[Any], module: str = "shop.models") -> type[Any]:
    """The class statement, as one more import of its module under this name runs it."""
    body = {
        "__module__": module,
        "__tablename__": "orders",
        "__table_args__": {"extend_existing": True},
        "__annotations__": {"id": Mapped[int]},
        "id": mapped_column(primary_key=True),
    }
    return type("Order", (base,), body)


def ran(main: str, *arguments: str, **variables: str) -> str:
    """What a Python prints with a package `shop`, whose models end with these lines."""
    files = {
        "base.py": "from sqlalchemy.orm import DeclarativeBase\nclass Base(DeclarativeBase): pass\n",
        "models.py": "print(__name__)\nfrom sqlalchemy import Column, Integer\nfrom shop.base import Base\n"
        "class Order(Base):\n    __tablename__ = 'orders'\n    id = Column(Integer, primary_key=True)\n" + main,
        "queries.py": "from shop.models import Order\n",
        "main.py": "import shop.models\nimport models\n",
    }
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "shop").mkdir()
        for name, text in files.items():
            Path(folder, "shop", name).write_text(text)
        command, environment = [sys.executable, *arguments], {**os.environ, **variables}
        run = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
    return run.stdout + run.stderr


async def claim_main_module(engine: AsyncEngine) -> None:
    """`python -m shop.models` runs the file as `__main__`. If it imports a module that imports `shop.models`, the message is the same."""
    output = ran("if __name__ == '__main__': import shop.queries\n", "-m", "shop.models")
    assert output.splitlines()[:2] == ["__main__", "shop.models"]
    assert DEFINED in output


async def claim_uvicorn_run(engine: AsyncEngine) -> None:
    """`python main.py` with `uvicorn.run("main:app")` in that file imports it a second time: for models in it, the message is the same if `Base` comes from another module."""
    output = ran("if __name__ == '__main__':\n    import uvicorn\n    uvicorn.run('models:app')\n", "shop/models.py", PYTHONPATH=".")
    assert output.splitlines()[:2] == ["__main__", "models"]
    assert DEFINED in output


async def claim_print_name(engine: AsyncEngine) -> None:
    """A `print(__name__)` in the first line of the file with the models prints both names, before the error."""
    output = ran("", "shop/main.py", PYTHONPATH=".")
    assert output.splitlines()[:2] == ["shop.models", "models"]
    assert DEFINED in output


def run_twice(model: str) -> None:
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings(action="ignore"):
        Path(folder, "app.py").write_text(model)
        runpy.run_path(f"{folder}/app.py")
        runpy.run_path(f"{folder}/app.py")


async def claim_run_twice(engine: AsyncEngine) -> None:
    """Running a file with SQLModel models a second time in one process has the same message: `SQLModel.metadata` still has the table."""
    SQLModel.metadata.clear()
    try:
        run_twice(
            "from sqlmodel import Field, SQLModel\nclass Order(SQLModel, table=True):\n"
            "    __tablename__ = 'orders'\n    id: int = Field(primary_key=True)\n"
        )
        error = None
    except InvalidRequestError as raised:
        error = raised
    assert DEFINED in str(error)


async def claim_reflected(engine: AsyncEngine) -> None:
    """A class for a table that `metadata.reflect()` has read before has the same message."""
    created = MetaData()
    Table("orders", created, Column("id", Integer, primary_key=True))

    class Reflected(DeclarativeBase):
        pass

    async with engine.begin() as connection:
        await connection.run_sync(created.drop_all)
        await connection.run_sync(created.create_all)
        await connection.run_sync(Reflected.metadata.reflect)
        await connection.run_sync(created.drop_all)
    try:

        class Order(Reflected):
            __tablename__ = "orders"

            id: Mapped[int] = mapped_column(primary_key=True)

        error = None
    except InvalidRequestError as raised:
        error = raised
    assert DEFINED in str(error)


async def claim_two_names(engine: AsyncEngine) -> None:
    """Two classes with one `__tablename__` and one `Base` have the same message. With a `schema` that differs, they do not."""

    class Base(DeclarativeBase):
        pass

    class Order(Base):
        __tablename__ = "orders"

        id: Mapped[int] = mapped_column(primary_key=True)

    class Archived(Base):
        __tablename__ = "orders"
        __table_args__ = {"schema": "archive"}

        id: Mapped[int] = mapped_column(primary_key=True)

    try:

        class Purchase(Base):
            __tablename__ = "orders"

            id: Mapped[int] = mapped_column(primary_key=True)

        error = None
    except InvalidRequestError as raised:
        error = raised
    assert DEFINED in str(error)
    assert sorted(Base.metadata.tables) == ["archive.orders", "orders"]


async def claim_two_objects(engine: AsyncEngine) -> None:
    """With `extend_existing=True`, two imports make two classes: one session then holds the same row as two objects, and `isinstance()` says no."""

    class Own(DeclarativeBase):
        pass

    first, second = order(Own, "shop.models"), order(Own, "models")
    async with engine.begin() as connection:
        await connection.run_sync(Own.metadata.drop_all)
        await connection.run_sync(Own.metadata.create_all)
    async with AsyncSession(engine) as session:
        session.add(first(id=1))
        await session.flush()
        one = (await session.scalars(select(first))).one()
        other = (await session.scalars(select(second))).one()
        assert one.id == other.id
        assert one is not other
        assert not isinstance(one, second)
    async with engine.begin() as connection:
        await connection.run_sync(Own.metadata.drop_all)


async def claim_warning(engine: AsyncEngine) -> None:
    """With `extend_existing=True`, a class that is defined twice in the same module gives a warning, `SAWarning`. Under two module names it gives none."""

    class Own(DeclarativeBase):
        pass

    _kept = [order(Own, "shop.models")]
    with warnings.catch_warnings(record=True, action="always") as caught:
        _kept.append(order(Own, "models"))
        assert [one.category for one in caught] == []
        _kept.append(order(Own, "models"))
    assert [one.category for one in caught] == [SAWarning]


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
