# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


def expires(session: AsyncSession) -> bool:
    return session.sync_session.expire_on_commit


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        # --8<-- [start:where]
        print(expires(AsyncSession(engine)))
        #> True
        print(expires(AsyncSession(engine, expire_on_commit=False)))
        #> False

        session_factory = async_sessionmaker(engine, expire_on_commit=False)
        print(expires(session_factory()), expires(session_factory(expire_on_commit=True)))
        #> False True

        made_before = session_factory()
        session_factory.configure(expire_on_commit=True)
        print(expires(made_before), expires(session_factory()))
        #> False True
        # --8<-- [end:where]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
