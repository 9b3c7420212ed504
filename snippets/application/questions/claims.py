# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi>=0.121", "httpx", "ruff",
# ]
# ///
import asyncio
import os
import subprocess
import sys
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any

import asyncpg
import httpx
import sqlalchemy
from fastapi import Depends, FastAPI
from pydantic import BaseModel
from sqlalchemy import CheckConstraint, ColumnElement, Numeric, Select, literal, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.pool import QueuePool

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Product(Base):
    __tablename__ = "products"
    __table_args__ = (CheckConstraint("weight = round(weight, 2)", name="two_decimals"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    weight: Mapped[Decimal] = mapped_column(Numeric(10, 3), default=Decimal("1.5"))
    price: Mapped[Decimal] = mapped_column(Numeric(10, 2), default=Decimal("9.99"))


class ProductCreate(BaseModel):
    price: Decimal


def sources_of(package: ModuleType) -> list[str]:
    assert package.__file__ is not None
    return [path.read_text() for path in Path(package.__file__).parent.rglob("*.py")]


async def claim_exec_options(engine: AsyncEngine) -> None:
    """`exec_options()` does not exist on a `select()`, an engine or a connection. `execution_options()` does."""
    for owner in (Select, AsyncEngine, AsyncConnection):
        assert not hasattr(owner, "exec_options")
        assert hasattr(owner, "execution_options")


async def claim_asyncpg_timeout_error(engine: AsyncEngine) -> None:
    """`AsyncpgTimeoutError` does not exist: neither asyncpg nor SQLAlchemy has the name in any of its modules."""
    sources = [*sources_of(asyncpg), *sources_of(sqlalchemy)]
    assert any("class UniqueViolationError" in source for source in sources)
    assert not any("AsyncpgTimeoutError" in source for source in sources)


async def claim_check_refuses(engine: AsyncEngine) -> None:
    """A `CHECK` that asks for two decimals refuses 1.005 with an `IntegrityError`. It does not round the value."""
    error = None
    async with AsyncSession(engine) as session:
        session.add(Product(weight=Decimal("1.005")))
        try:
            await session.commit()
        except IntegrityError as raised:
            error = raised
    assert error is not None and "two_decimals" in str(error)


async def claim_type_rounds(engine: AsyncEngine) -> None:
    """A column `Numeric(10, 2)` stores 9.999 as 10.00, and raises nothing."""
    async with AsyncSession(engine) as session:
        session.add(Product(price=Decimal("9.999")))
        await session.commit()
        stored = await session.scalar(text("SELECT CAST(price AS VARCHAR(20)) FROM products"))
        assert stored == "10.00", f"the stored value is {stored}"


def found_by_ruff(statement: str) -> bool:
    """Whether one of Ruff's rules ASYNC finds this statement in an `async def`."""
    source = f"async def save(session):\n    {statement}\n"
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--preview", "--select", "ASYNC", "-"]
    return subprocess.run(command, input=source, capture_output=True, text=True).returncode == 1


async def claim_flake8_async(engine: AsyncEngine) -> None:
    """Ruff's `ASYNC` rules, which come from flake8-async, find `open()` in an `async def`, and do not find `session.commit()` without `await`."""
    assert found_by_ruff("open('orders.csv')")
    assert not found_by_ruff("session.commit()")


class Mark(ColumnElement[int]):
    """A column that says when it is compiled."""

    inherit_cache = False


async def claim_compiling(engine: AsyncEngine) -> None:
    """While SQLAlchemy compiles a statement, no other task runs. Others ran before the same `session.execute()` had ended."""
    turns = 0
    seen: list[int] = []

    async def others() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    @compiles(Mark)
    def compile_mark(*_: Any, **__: Any) -> str:
        seen.append(turns)
        return "1"

    task = asyncio.create_task(others())
    async with AsyncSession(engine) as session:
        await session.execute(select(Mark(), *(literal(n) for n in range(500)), Mark()))
        end = turns
    task.cancel()
    assert len(seen) == 2 and seen[0] == seen[1]
    assert end > seen[1]


async def claim_unprocessable(engine: AsyncEngine) -> None:
    """If no dependency has sent a statement, a 422 for the body holds no connection, also if the session's dependency has no `async with` and no `finally`."""
    made: list[AsyncSession] = []

    async def get_session() -> AsyncIterator[AsyncSession]:
        session = AsyncSession(engine)
        made.append(session)
        yield session
        await session.close()

    app = FastAPI()

    @app.post("/products")
    async def create_product(
        product: ProductCreate, session: Annotated[AsyncSession, Depends(get_session)]
    ) -> None:
        pass

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        refused = await client.post("/products", json={"price": "cheap"})
    assert refused.status_code == 422
    assert len(made) == 1
    assert isinstance(engine.pool, QueuePool) and engine.pool.checkedout() == 0


async def claim_read_committed(engine: AsyncEngine) -> None:
    """Without a setting, a session's transaction on PostgreSQL is at `READ COMMITTED`."""
    async with AsyncSession(engine) as session:
        level = await (await session.connection()).get_isolation_level()
        assert level == "READ COMMITTED", f"on SQLite it is {level}"


async def reason_against(claim: Callable[[AsyncEngine], Awaitable[None]]) -> str:
    """Why a claim does not hold here, or nothing."""
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
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
    engine = create_async_engine(DATABASE_URL)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)  # Out of the way of a file that has some of these tables.
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
