from datetime import datetime
from types import ModuleType

from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

from tests.bench_skill.tools import URL, ask, tables


async def check(answer: ModuleType) -> None:
    tables(answer.Base.metadata)
    ask("INSERT INTO users (id, name, updated_at) VALUES (1, 'Ada', '2001-01-01 00:00:00')")
    engine = create_async_engine(URL)
    name, updated_at = await answer.rename(async_sessionmaker(engine, expire_on_commit=False), 1, "Grace")
    [(stored, time)] = ask("SELECT name, updated_at FROM users")
    assert name == stored == "Grace", f"it returns {name}, and {stored} is stored"
    assert updated_at.year > 2001, f"updated_at is the old value, {updated_at}"
    assert datetime.fromisoformat(time) == updated_at.replace(tzinfo=None), (
        f"it returns {updated_at}, and {time} is stored"
    )
    await engine.dispose()
