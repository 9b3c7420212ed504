# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg"]
# ///
# also: asyncpg==0.31.*, asyncpg==0.30.*
# drivers: asyncpg (the parameter's name is its own)
import asyncio
import os
import sys

from sqlalchemy import text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)

# --8<-- [start:convert]
LEVELS = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"]
ASKS = {(name, level): level for name in ("sslmode", "ssl") for level in LEVELS}
# Channel binding proves who the server is. asyncpg has none, but a checked certificate proves it too.
ASKS[("channel_binding", "require")] = "verify-full"
ASKS[("channel_binding", "prefer")] = ASKS[("channel_binding", "disable")] = ""


def for_asyncpg(libpq_url: str | URL) -> URL:
    """The URL that a provider's console shows, as asyncpg understands it and never less strict."""
    url = make_url(libpq_url).set(drivername="postgresql+asyncpg")
    names = ["sslmode", "ssl", "channel_binding"]
    pairs = [(name, value) for name in names for value in url.normalized_query.get(name, ())]
    if unknown := [pair for pair in pairs if pair not in ASKS]:
        raise ValueError(f"the URL asks for what asyncpg does not know: {unknown}")
    url = url.difference_update_query(names)
    levels = [LEVELS.index(ASKS[pair]) for pair in pairs if ASKS[pair]]
    return url.update_query_dict({"ssl": LEVELS[max(levels)]}) if levels else url


# --8<-- [end:convert]


async def main() -> None:
    # --8<-- [start:use]
    host = "postgresql://shop:secret@db.example/shop"
    print(for_asyncpg(f"{host}?sslmode=require"))
    #> postgresql+asyncpg://shop:***@db.example/shop?ssl=require
    print(for_asyncpg(f"{host}?sslmode=require&channel_binding=require"))
    #> postgresql+asyncpg://shop:***@db.example/shop?ssl=verify-full
    print(for_asyncpg(for_asyncpg(f"{host}?sslmode=verify-full")))
    #> postgresql+asyncpg://shop:***@db.example/shop?ssl=verify-full
    print(for_asyncpg(host))
    #> postgresql+asyncpg://shop:***@db.example/shop
    try:
        for_asyncpg(f"{host}?ssl=true")
    except ValueError as error:
        print(error)
        #> the URL asks for what asyncpg does not know: [('ssl', 'true')]
    # --8<-- [end:use]
    own = make_url(DATABASE_URL).update_query_dict({"sslmode": "prefer"})
    engine = create_async_engine(for_asyncpg(own))
    try:
        async with engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
