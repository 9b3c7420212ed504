# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio

from sqlalchemy import URL, make_url


# --8<-- [start:masked]
async def masked() -> None:
    url = URL.create("postgresql+asyncpg", "app", "p@ss/word", "localhost", 5432, "shop")
    print(str(url))
    #> postgresql+asyncpg://app:***@localhost:5432/shop
    print(url.render_as_string(hide_password=False))
    #> postgresql+asyncpg://app:p%40ss%2Fword@localhost:5432/shop


# --8<-- [end:masked]


# --8<-- [start:unescaped]
async def unescaped() -> None:
    print("in the URL | password | host | database")
    #> in the URL | password | host | database
    for password in ("p@ss", "p/ss", "p%40ss", "p#ss"):
        url = make_url(f"postgresql+asyncpg://app:{password}@localhost/shop")
        print(f"{password} | {url.password} | {url.host} | {url.database}")
        #> p@ss | p | ss@localhost | shop
        #> p/ss | p/ss | localhost | shop
        #> p%40ss | p@ss | localhost | shop
        #> p#ss | p#ss | localhost | shop


# --8<-- [end:unescaped]


async def main() -> None:
    await masked()
    await unescaped()


if __name__ == "__main__":
    asyncio.run(main())
