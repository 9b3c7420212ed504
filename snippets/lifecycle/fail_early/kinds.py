# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.1", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg (it tries the other drivers itself, with the same PostgreSQL)
import asyncio
import os
import sys

from sqlalchemy import URL, make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)

HERE = make_url(
    DATABASE_URL
)

# --8<-- [start:wrong]
WRONG: dict[str, URL] = {
    "no such database": HERE.set(database="no_such_database"),
    "no such role": HERE.set(username="no_such_role"),
    "nothing listens there": HERE.set(host="127.0.0.1", port=1, query={}),
    "no such host": HERE.set(host="db.invalid", query={}),
    "a misspelt option": HERE.update_query_dict({"aplication_name": "shop"}),
}
# --8<-- [end:wrong]


async def attempt(url: URL) -> str:
    engine = create_async_engine(url)
    try:
        async with engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
        return "passes"
    except Exception as error:
        kind = type(error)
        return f"{kind.__module__.replace('builtins', '')}.{kind.__name__}".lstrip(".")
    finally:
        await engine.dispose()



async def main() -> None:
    # --8<-- [start:table]
    print("what is wrong | asyncpg | psycopg")
    #> what is wrong | asyncpg | psycopg
    for what, url in WRONG.items():
        cells = [
            await attempt(url.set(drivername=f"postgresql+{driver}"))
            for driver in ("asyncpg", "psycopg")
        ]
        print(" | ".join([what, *cells]))
        #> no such database | sqlalchemy.exc.DBAPIError | sqlalchemy.exc.OperationalError
        #> no such role | sqlalchemy.exc.DBAPIError | sqlalchemy.exc.OperationalError
        #> nothing listens there | ConnectionRefusedError | sqlalchemy.exc.OperationalError
        #> no such host | socket.gaierror | sqlalchemy.exc.OperationalError
        #> a misspelt option | TypeError | sqlalchemy.exc.ProgrammingError
    # --8<-- [end:table]
    # --8<-- [start:sqlite]
    print(await attempt(make_url("sqlite+aiosqlite:///no_such_folder/greenlit.db")))
    #> sqlalchemy.exc.OperationalError
    # --8<-- [end:sqlite]


if __name__ == "__main__":
    asyncio.run(main())
