# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite"]
# ///
# drivers: aiosqlite (a path in the URL is SQLite's)
import asyncio
import os
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine


async def attempt(path: str) -> str:
    engine = create_async_engine(f"sqlite+aiosqlite:///{path}")
    try:
        async with engine.begin() as connection:
            await connection.execute(text("PRAGMA user_version = 1"))
    except DBAPIError as error:
        return str(error.orig)
    finally:
        await engine.dispose()
    return "opened"


# --8<-- [start:table]
def files(folder: Path) -> None:
    (folder / "uploads").mkdir()
    (folder / "empty.db").touch()
    (folder / "shop.csv").write_text("id,customer\n" * 100)


async def compare() -> None:
    print("after `sqlite+aiosqlite:///` | what it is | outcome")
    #> after `sqlite+aiosqlite:///` | what it is | outcome
    print(f"`shop.db` | a new file here | {await attempt('shop.db')}")
    #> `shop.db` | a new file here | opened
    print(f"`empty.db` | a file of 0 bytes | {await attempt('empty.db')}")
    #> `empty.db` | a file of 0 bytes | opened
    print(f"`data/shop.db` | no such folder | {await attempt('data/shop.db')}")
    #> `data/shop.db` | no such folder | unable to open database file
    print(f"`/nowhere/shop.db` | the same, absolute | {await attempt('/nowhere/shop.db')}")
    #> `/nowhere/shop.db` | the same, absolute | unable to open database file
    print(f"`~/shop.db` | no folder of that name | {await attempt('~/shop.db')}")
    #> `~/shop.db` | no folder of that name | unable to open database file
    print(f"`uploads` | a folder | {await attempt('uploads')}")
    #> `uploads` | a folder | unable to open database file
    print(f"`shop.csv` | another kind of file | {await attempt('shop.csv')}")
    #> `shop.csv` | another kind of file | file is not a database
    ro = "file:empty.db?mode=ro&uri=true"
    print(f"`{ro}` | a file only to be read | {await attempt(ro)}")
    #> `file:empty.db?mode=ro&uri=true` | a file only to be read | attempt to write a readonly database


# --8<-- [end:table]


def main() -> None:
    home = Path.cwd()
    with TemporaryDirectory() as folder:
        files(Path(folder))
        os.chdir(folder)
        try:
            asyncio.run(compare())
        finally:
            os.chdir(home)


if __name__ == "__main__":
    main()
