# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite has no connection that could break)
import asyncio
import os
import sys

from sqlalchemy import delete, func, make_url, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


class Base(DeclarativeBase):
    pass


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    total: Mapped[int]


HERE = make_url(DATABASE_URL)
cut = [""]
relaying: set[asyncio.Task[None]] = set()


async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Stands between you and the server, and breaks the connection when you commit."""
    host, port = HERE.query.get("host", HERE.host), HERE.port or 5432
    if str(host).startswith("/"):
        answers, server = await asyncio.open_unix_connection(f"{host}/.s.PGSQL.{port}")
    else:
        answers, server = await asyncio.open_connection(str(host), port)
    back = asyncio.create_task(carry(answers, writer))
    relaying.add(back)
    while (data := await reader.read(65536)) and not (cut[0] and b"COMMIT" in data):
        server.write(data)
    if data and cut[0] == "after the COMMIT was done":
        back.cancel()
        await asyncio.wait([back])
        server.write(data)
        await answers.readuntil(b"COMMIT")
    server.close()
    writer.close()


async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
    writer.close()


async def order(engine: AsyncEngine, breaks: str) -> str:
    try:
        async with AsyncSession(engine) as session:
            session.add(Order(total=30))
            await session.flush()
            cut[0] = breaks
            await session.commit()
    except DBAPIError as error:
        return f"connection_invalidated={error.connection_invalidated}"
    finally:
        cut[0] = ""
    return "success"


async def main() -> None:
    listener = await asyncio.start_server(relay, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    direct = create_async_engine(HERE)
    engine = create_async_engine(HERE.set(host="127.0.0.1", port=port, query={}))
    try:
        async with direct.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        # --8<-- [start:table]
        print("The connection breaks | what you are told | orders stored")
        #> The connection breaks | what you are told | orders stored
        for moment in ("before the COMMIT arrives", "after the COMMIT was done"):
            told = await order(engine, moment)
            async with AsyncSession(direct) as session:
                stored = await session.scalar(select(func.count()).select_from(Order))
                await session.execute(delete(Order))
                await session.commit()
            print(f"{moment} | {told} | {stored}")
            #> before the COMMIT arrives | connection_invalidated=True | 0
            #> after the COMMIT was done | connection_invalidated=True | 1
        # --8<-- [end:table]
    finally:
        await engine.dispose()
        await direct.dispose()
        listener.close()
        await asyncio.gather(*relaying, return_exceptions=True)


if __name__ == "__main__":
    asyncio.run(main())
