# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite"]
# ///
# drivers: aiosqlite (a path in the URL is SQLite's)
import asyncio
import warnings
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import create_async_engine


# --8<-- [start:guard]
async def start(file: Path) -> str:
    engine = create_async_engine(f"sqlite+aiosqlite:///file:{file}?mode=rw&uri=true")
    try:
        async with engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
    except OperationalError as error:
        return str(error.orig)
    finally:
        await engine.dispose()
    return "opened"


async def deploy(folder: Path) -> None:
    print(await start(folder / "shop.db"))
    #> unable to open database file
    (folder / "shop.db").touch()
    print(await start(folder / "shop.db"))
    #> opened


# --8<-- [end:guard]


# --8<-- [start:ignored]
async def without_uri_true(file: Path) -> None:
    with warnings.catch_warnings(record=True) as caught:
        engine = create_async_engine(f"sqlite+aiosqlite:///{file}?mode=rw")
    print(str(caught[0].message).partition(";")[0])
    #> Query string argument(s) 'mode' are not accepted by the pysqlite driver and are being ignored
    await engine.dispose()


# --8<-- [end:ignored]


async def both(folder: Path) -> None:
    await deploy(folder)
    await without_uri_true(folder / "shop.db")


def main() -> None:
    with TemporaryDirectory() as folder:
        asyncio.run(both(Path(folder)))


if __name__ == "__main__":
    main()
