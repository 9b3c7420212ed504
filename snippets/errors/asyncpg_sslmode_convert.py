# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg"]
# ///
# drivers: asyncpg (the parameter's name is its own)
import asyncio
import os

from sqlalchemy import text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import create_async_engine


# --8<-- [start:convert]
def for_asyncpg(libpq_url: str) -> URL:
    """The URL that a provider's console shows, as asyncpg understands it."""
    url = make_url(libpq_url).set(drivername="postgresql+asyncpg")
    mode = url.query.get("sslmode", "prefer")
    url = url.difference_update_query(["sslmode", "channel_binding"])
    return url.update_query_dict({"ssl": mode})


# --8<-- [end:convert]


async def main() -> None:
    # --8<-- [start:use]
    copied = "postgresql://shop:secret@db.example/shop?sslmode=require&channel_binding=require"
    print(for_asyncpg(copied))
    #> postgresql+asyncpg://shop:***@db.example/shop?ssl=require
    # --8<-- [end:use]
    own = make_url(os.environ["DATABASE_URL"]).update_query_dict({"sslmode": "prefer"})
    engine = create_async_engine(for_asyncpg(own.render_as_string(hide_password=False)))
    try:
        async with engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
