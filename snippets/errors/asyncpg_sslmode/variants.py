# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg"]
# ///
# also: asyncpg==0.31.*, asyncpg==0.30.*
# drivers: asyncpg (these are the parameters that it does not know)
import asyncio
import os
import sys

from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)

# --8<-- [start:parameters]
PARAMETERS = {
    "sslmode": "require",
    "sslrootcert": "root.pem",
    "channel_binding": "require",
    "options": "-c search_path=shop",
    "application_name": "shop",
    "connect_timeout": "5",
    "pgbouncer": "true",
    "schema": "shop",
    "target_session_attrs": "any",
    "ssl": "true",
}


async def answer(name: str, value: str) -> str:
    url = make_url(DATABASE_URL).update_query_dict({name: value})
    engine = create_async_engine(url)
    try:
        async with engine.connect():
            return f"{name} is accepted"
    except (TypeError, DBAPIError) as error:
        return str(getattr(error, "orig", error)).splitlines()[0]
    finally:
        await engine.dispose()


async def main() -> None:
    for name, value in PARAMETERS.items():
        print(await answer(name, value))
        #> connect() got an unexpected keyword argument 'sslmode'
        #> connect() got an unexpected keyword argument 'sslrootcert'
        #> connect() got an unexpected keyword argument 'channel_binding'
        #> connect() got an unexpected keyword argument 'options'
        #> connect() got an unexpected keyword argument 'application_name'
        #> connect() got an unexpected keyword argument 'connect_timeout'
        #> connect() got an unexpected keyword argument 'pgbouncer'
        #> connect() got an unexpected keyword argument 'schema'
        #> target_session_attrs is accepted
        #> `sslmode` parameter must be one of: disable, allow, prefer, require, verify-ca, verify-full


# --8<-- [end:parameters]


if __name__ == "__main__":
    asyncio.run(main())
