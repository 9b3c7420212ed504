# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
from typing import Any

from sqlalchemy import create_engine
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine
from sqlalchemy.orm import Session, sessionmaker

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


# --8<-- [start:table]
async def compare(engine: AsyncEngine) -> None:
    session_factory = async_sessionmaker(engine)
    sync_engine = create_engine("sqlite://")
    print("You write | the text names | and asks for")
    #> You write | the text names | and asks for
    print("async with session_factory |", await entered(session_factory))
    #> async with session_factory | 'async_sessionmaker' | an asynchronous context manager
    print("async with Session(sync_engine) |", await entered(Session(sync_engine)))
    #> async with Session(sync_engine) | 'Session' | an asynchronous context manager
    print("async with sync_engine.begin() |", await entered(sync_engine.begin()))
    #> async with sync_engine.begin() | '_GeneratorContextManager' | an asynchronous context manager
    print("with session_factory.begin() |", with_entered(session_factory.begin()))
    #> with session_factory.begin() | '_AsyncSessionContextManager' | a context manager
    print("with session.begin() |", with_entered(session_factory().begin()))
    #> with session.begin() | 'AsyncSessionTransaction' | a context manager
    print("with engine.connect() |", with_entered(engine.connect()))
    #> with engine.connect() | 'AsyncConnection' | a context manager
    print("with engine.begin() |", with_entered(engine.begin()))
    #> with engine.begin() | '_AsyncGeneratorContextManager' | a context manager
    sync_engine.dispose()


# --8<-- [end:table]


async def entered(thing: Any) -> str:
    try:
        async with thing:
            return "nothing"
    except TypeError as error:
        return short(error)


def with_entered(thing: Any) -> str:
    try:
        with thing:
            return "nothing"
    except TypeError as error:
        return short(error)


def short(error: TypeError) -> str:
    name, _, protocol = str(error).partition(" object does not support the ")
    return f"{name} | an {protocol}".replace("an context", "a context").removesuffix(" protocol")


# --8<-- [start:text]
async def whole_texts(engine: Any, session_factory: Any, sync_session: Any) -> None:
    factory: Any = sessionmaker()
    for thing in (session_factory, sync_session, factory):
        try:
            async with thing:
                pass
        except TypeError as error:
            print(error)
            #> 'async_sessionmaker' object does not support the asynchronous context manager protocol
            #> 'Session' object does not support the asynchronous context manager protocol
            #> 'sessionmaker' object does not support the asynchronous context manager protocol
    for thing in (session_factory(), engine.connect(), engine.begin()):
        try:
            with thing:
                pass
        except TypeError as error:
            print(error)
            #> 'AsyncSession' object does not support the context manager protocol
            #> 'AsyncConnection' object does not support the context manager protocol
            #> '_AsyncGeneratorContextManager' object does not support the context manager protocol


# --8<-- [end:text]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        await compare(engine)
        await whole_texts(engine, async_sessionmaker(engine), Session(create_engine("sqlite://")))
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
