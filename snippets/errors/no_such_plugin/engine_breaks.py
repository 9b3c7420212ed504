# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg"]
# ///
# raises: sqlalchemy.exc.NoSuchModuleError
# drivers: asyncpg (nothing connects; the URL alone decides)
import asyncio

from sqlalchemy.ext.asyncio import create_async_engine


# --8<-- [start:engine]
async def main() -> None:
    engine = create_async_engine("postgres+asyncpg://db/shop")
    print(engine.dialect.name, engine.dialect.driver)
    await engine.dispose()


# --8<-- [end:engine]


if __name__ == "__main__":
    asyncio.run(main())
