# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg"]
# ///
# drivers: asyncpg (the texts are the driver's; psycopg has a file of its own)
import asyncio

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

# --8<-- [start:addresses]
NOTHING_THERE = [
    "postgresql+asyncpg://app@127.0.0.1:1/shop",
    "postgresql+asyncpg://app@db.invalid/shop",
    "postgresql+asyncpg://app@/shop?host=/nowhere",  # A Unix socket.
]
# --8<-- [end:addresses]


async def attempt(url: str) -> str:
    engine = create_async_engine(url)
    try:
        async with engine.connect() as connection:
            return str(await connection.scalar(text("SELECT 1")))
    except Exception as error:
        return f"{type(error).__name__}: {error}"


async def main() -> None:
    # --8<-- [start:texts]
    for url in NOTHING_THERE:
        print(await attempt(url))
        #> ConnectionRefusedError: [Errno 111] Connect call failed ('127.0.0.1', 1)
        #> gaierror: [Errno -2] Name or service not known
        #> FileNotFoundError: [Errno 2] No such file or directory
    # --8<-- [end:texts]


if __name__ == "__main__":
    asyncio.run(main())
