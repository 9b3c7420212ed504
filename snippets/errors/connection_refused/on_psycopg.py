# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "psycopg[binary]"]
# ///
# drivers: psycopg (the texts are the driver's; asyncpg has a file of its own)
import asyncio

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

# --8<-- [start:addresses]
NOTHING_THERE = [
    "postgresql+psycopg://app@127.0.0.1:1/shop",
    "postgresql+psycopg://app@db.invalid/shop",
    "postgresql+psycopg://app@/shop?host=/nowhere",  # A Unix socket.
]
# --8<-- [end:addresses]


async def attempt(url: str) -> str:
    engine = create_async_engine(url)
    try:
        async with engine.connect() as connection:
            return str(await connection.scalar(text("SELECT 1")))
    except Exception as error:
        # "connection failed: ..." or "connection is bad: ...", and hints in further lines
        said = str(getattr(error, "orig", error)).splitlines()[0]
        return said.removeprefix("connection failed: ").removeprefix("connection is bad: ")


async def main() -> None:
    # --8<-- [start:texts]
    for url in NOTHING_THERE:
        print(await attempt(url))
        #> connection to server at "127.0.0.1", port 1 failed: Connection refused
        #> failed to resolve host 'db.invalid': [Errno -2] Name or service not known
        #> connection to server on socket "/nowhere/.s.PGSQL.5432" failed: No such file or directory
    # --8<-- [end:texts]


if __name__ == "__main__":
    asyncio.run(main())
