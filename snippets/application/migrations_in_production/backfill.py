# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os

from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")

# --8<-- [start:batch]
BATCH = text("""
    UPDATE users SET full_name = name WHERE id IN (
        SELECT id FROM users WHERE full_name IS NULL AND name IS NOT NULL ORDER BY id LIMIT 1000
    )
""")


def backfill(connection: Connection) -> None:
    while changed := connection.execute(BATCH).rowcount:
        connection.commit()
        print(changed)
        #> 1000
        #> 1000
        #> 500


# --8<-- [end:batch]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.execute(text("DROP TABLE IF EXISTS users"))
            await connection.execute(
                text("CREATE TABLE users (id INTEGER PRIMARY KEY, name VARCHAR(50), full_name VARCHAR(50))")
            )
            rows = [{"id": number, "name": f"user {number}"} for number in range(2500)]
            await connection.execute(text("INSERT INTO users (id, name) VALUES (:id, :name)"), rows)
        async with engine.connect() as connection:
            await connection.run_sync(backfill)
            missing = await connection.scalar(text("SELECT count(*) FROM users WHERE full_name IS NULL"))
            print("missing:", missing)
            #> missing: 0
            await connection.execute(text("DROP TABLE users"))
            await connection.commit()
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
