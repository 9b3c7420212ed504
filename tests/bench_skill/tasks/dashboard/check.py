from types import ModuleType
from typing import Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

from tests.bench_skill.tools import URL, ask


async def check(answer: ModuleType) -> None:
    for count, table in enumerate(("users", "orders", "products"), 1):
        ask(f"CREATE TABLE {table} (id INTEGER PRIMARY KEY)")
        for number in range(count):
            ask(f"INSERT INTO {table} VALUES ({number})")
    engine = create_async_engine(URL)
    opened: list[Any] = []
    event.listen(engine.sync_engine, "connect", lambda *connection: opened.append(connection))
    found = await answer.dashboard(async_sessionmaker(engine, expire_on_commit=False))
    assert found == {"users": 1, "orders": 2, "products": 3}, f"it returns {found}"
    assert len(opened) == 3, f"three queries at the same time, and {len(opened)} connections"
    assert engine.pool.checkedout() == 0, "a connection is not returned"  # type: ignore[attr-defined]
    await engine.dispose()
