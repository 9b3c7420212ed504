# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# drivers: aiosqlite (it makes engines for all three drivers, and connects to nothing)
import warnings

from sqlalchemy import create_engine
from sqlalchemy.ext.asyncio import create_async_engine

# --8<-- [start:urls]
URLS = [
    "postgresql+asyncpg://localhost/app",
    "postgresql+psycopg://localhost/app",
    "sqlite+aiosqlite:///app.db",
    "sqlite+aiosqlite://",
    "sqlite+aiosqlite:///:memory:",
    "sqlite+aiosqlite:///file::memory:?cache=shared&uri=true",
    "sqlite+aiosqlite:///file:app?mode=memory&cache=shared&uri=true",
]


def takes_pool_size(url: str) -> str:
    try:
        create_async_engine(url, pool_size=10)
    except TypeError:
        return "TypeError"
    return "yes"


# --8<-- [end:urls]


def main() -> None:
    warnings.simplefilter("ignore")  # On 2.1 the last URL warns that its pool will change.
    # --8<-- [start:table]
    print("create_async_engine | pool | takes pool_size")
    #> create_async_engine | pool | takes pool_size
    for url in URLS:
        pool = type(create_async_engine(url).pool).__name__
        print(f"{url} | {pool} | {takes_pool_size(url)}")
        #> postgresql+asyncpg://localhost/app | AsyncAdaptedQueuePool | yes
        #> postgresql+psycopg://localhost/app | AsyncAdaptedQueuePool | yes
        #> sqlite+aiosqlite:///app.db | AsyncAdaptedQueuePool | yes
        #> sqlite+aiosqlite:// | StaticPool | TypeError
        #> sqlite+aiosqlite:///:memory: | StaticPool | TypeError
        #> sqlite+aiosqlite:///file::memory:?cache=shared&uri=true | AsyncAdaptedQueuePool | yes
        #> sqlite+aiosqlite:///file:app?mode=memory&cache=shared&uri=true | StaticPool | TypeError
    # --8<-- [end:table]
    # --8<-- [start:sync]
    print("create_engine | pool")
    #> create_engine | pool
    for url in ("postgresql+psycopg://localhost/app", "sqlite:///app.db", "sqlite://"):
        print(f"{url} | {type(create_engine(url).pool).__name__}")
        #> postgresql+psycopg://localhost/app | QueuePool
        #> sqlite:///app.db | QueuePool
        #> sqlite:// | SingletonThreadPool
    # --8<-- [end:sync]


if __name__ == "__main__":
    main()
