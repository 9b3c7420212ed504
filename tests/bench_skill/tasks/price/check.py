from types import ModuleType

from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

from tests.bench_skill.tools import URL, ask, before_the_insert, tables


async def check(answer: ModuleType) -> None:
    tables(answer.Base.metadata)
    engine = create_async_engine(URL)
    factory = async_sessionmaker(engine, expire_on_commit=False)
    await answer.set_price(factory, "tea", 300)
    await answer.set_price(factory, "tea", 350)
    assert ask("SELECT sku, cents FROM prices") == [("tea", 350)], "the second price is not stored"
    with before_the_insert("prices", lambda: ask("INSERT INTO prices VALUES ('mate', 1)")):
        await answer.set_price(factory, "mate", 400)
    assert ask("SELECT cents FROM prices WHERE sku = 'mate'") == [(400,)], (
        "another process was faster, and its price stays"
    )
    await engine.dispose()
