# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite"]
# ///
# drivers: aiosqlite (nothing connects; the URLs alone decide)
import asyncio
import os
import sys
import traceback
from collections.abc import Awaitable, Callable
from unittest.mock import patch

from sqlalchemy import URL
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


async def claim_set_the_driver(engine: AsyncEngine) -> None:
    """`make_url(url).set(drivername="postgresql+asyncpg")` changes the beginning only: password, host, port, name and options stay."""
    url = make_url("postgres://ada:p%40ss@db:5433/shop?ssl=require").set(drivername="postgresql+asyncpg")
    assert url.render_as_string(hide_password=False) == "postgresql+asyncpg://ada:p%40ss@db:5433/shop?ssl=require"


async def claim_no_driver(engine: AsyncEngine) -> None:
    """`postgresql://` without a driver means psycopg 3. If that package is missing, the `ModuleNotFoundError` names `psycopg`."""
    driver = make_url("postgresql://db/shop").get_dialect().driver
    assert driver == "psycopg", f"it means {driver}"
    missing = None
    with patch.dict(sys.modules, psycopg=None):
        try:
            create_async_engine("postgresql://db/shop")
        except ModuleNotFoundError as error:
            missing = error.name
    assert missing == "psycopg"


async def claim_password(engine: AsyncEngine) -> None:
    """An unquoted `@` in the password moves its end into the host. `/`, `:`, `#` and `?` do no harm there. `URL.create` quotes what has to be quoted."""
    broken = make_url("postgresql+asyncpg://ada:pass@word@db/shop")
    assert (broken.password, broken.host) == ("pass", "word@db")
    url = make_url("postgresql+asyncpg://ada:/:#?@db/shop")
    assert (url.password, url.host) == ("/:#?", "db")
    quoted = URL.create("postgresql+asyncpg", "ada", "pass@word", "db", database="shop")
    assert quoted.render_as_string(hide_password=False) == "postgresql+asyncpg://ada:pass%40word@db/shop"


async def claim_print(engine: AsyncEngine) -> None:
    """`print(make_url(url))` shows `***` for the password. A password that is an option (`?password=…`) is shown."""
    assert str(make_url("postgresql+asyncpg://ada:secret@db/shop")) == "postgresql+asyncpg://ada:***@db/shop"
    assert "secret" in str(make_url("postgresql+asyncpg://db/shop?password=secret"))


async def reason_against(claim: Callable[[AsyncEngine], Awaitable[None]]) -> str:
    """Why a claim does not hold here, or nothing."""
    engine = create_async_engine(DATABASE_URL)
    try:
        await claim(engine)
    except Exception as error:
        line = traceback.extract_tb(error.__traceback__)[-1].line
        return f"{type(error).__name__}: {str(error).partition(chr(10))[0] or line}"
    finally:
        await engine.dispose()
    return ""


async def main() -> None:
    for name, claim in list(globals().items()):
        if name.startswith("claim_"):
            sentence, against = " ".join(claim.__doc__.split()), await reason_against(claim)
            print(f"does not hold: {sentence} ({against})" if against else f"holds: {sentence}")


if __name__ == "__main__":
    asyncio.run(main())
