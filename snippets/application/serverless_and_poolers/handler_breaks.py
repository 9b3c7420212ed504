# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "asyncpg"]
# ///
# drivers: asyncpg (psycopg and aiosqlite survive one statement after the other: lifecycle/event_loops/survives.py)
# raises: RuntimeError
# leaks: the connection belongs to a loop that is closed, and nobody can close it any more
import asyncio
import os
import sys
from typing import Any

from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)

# --8<-- [start:handler]
engine = create_async_engine(DATABASE_URL, pool_size=1, max_overflow=0)
session_factory = async_sessionmaker(engine, expire_on_commit=False, close_resets_only=False)
run = asyncio.run


async def respond(event: dict[str, Any]) -> dict[str, Any]:
    async with session_factory() as session:
        name = await session.scalar(text("SELECT :name"), {"name": event["name"]})
    return {"statusCode": 200, "body": f"Hello, {name}"}


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    return run(respond(event))


# --8<-- [end:handler]


connects: list[str] = []


@event.listens_for(engine.sync_engine, "connect")
def count(_connection: object, _record: object) -> None:
    connects.append("connect")


def main() -> None:
    # --8<-- [start:invoke]
    for name in ("Ada", "Grace", "Edsger"):
        print(handler({"name": name}, None))
        #> {'statusCode': 200, 'body': 'Hello, Ada'}
    print("connections opened:", len(connects))
    # --8<-- [end:invoke]
    run(engine.dispose())


if __name__ == "__main__":
    main()
