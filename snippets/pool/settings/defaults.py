# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38"]
# ///
# drivers: aiosqlite (it reads the defaults, and connects to nothing)
from inspect import signature

from sqlalchemy.pool import AsyncAdaptedQueuePool, Pool

NAMES = {
    "pool_size": "pool_size",
    "max_overflow": "max_overflow",
    "pool_timeout": "timeout",
    "pool_recycle": "recycle",
    "pool_pre_ping": "pre_ping",
    "pool_use_lifo": "use_lifo",
    "pool_reset_on_return": "reset_on_return",
}


def main() -> None:
    # --8<-- [start:table]
    known = {**signature(Pool).parameters, **signature(AsyncAdaptedQueuePool).parameters}
    print("create_async_engine's | the pool's own name | default")
    #> create_async_engine's | the pool's own name | default
    for setting, name in NAMES.items():
        print(f"{setting} | {name} | {known[name].default}")
        #> pool_size | pool_size | 5
        #> max_overflow | max_overflow | 10
        #> pool_timeout | timeout | 30.0
        #> pool_recycle | recycle | -1
        #> pool_pre_ping | pre_ping | False
        #> pool_use_lifo | use_lifo | False
        #> pool_reset_on_return | reset_on_return | True
    # --8<-- [end:table]


if __name__ == "__main__":
    main()
