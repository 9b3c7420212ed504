# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg"]
# ///
# drivers: asyncpg (nothing connects; the URL alone decides)
import asyncio

from sqlalchemy.ext.asyncio import create_async_engine


# --8<-- [start:engine]
async def main() -> None:
    engine = create_async_engine("postgresql+asyncpg://db/shop")
    print(engine.dialect.name, engine.dialect.driver)
    #> postgresql asyncpg
    await engine.dispose()


# --8<-- [end:engine]


if __name__ == "__main__":
    asyncio.run(main())
