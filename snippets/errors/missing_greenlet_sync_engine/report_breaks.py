# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# drivers: aiosqlite, asyncpg (psycopg's URL serves both kinds of engine)
# raises: sqlalchemy.exc.MissingGreenlet
import os

from sqlalchemy import create_engine, make_url, text

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")

url = make_url(DATABASE_URL)


# --8<-- [start:report]
SYNC_DRIVERS = {"sqlite": "sqlite", "postgresql": "postgresql+psycopg"}


def nightly_report() -> None:
    engine = create_engine(url)
    with engine.connect() as connection:
        print(connection.scalar(text("SELECT 40 + 2")))
    engine.dispose()


# --8<-- [end:report]


if __name__ == "__main__":
    nightly_report()
