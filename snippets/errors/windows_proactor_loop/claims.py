# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "psycopg[binary]", "uvicorn"]
# ///
# drivers: psycopg (the check of the loop is its own)
import asyncio
import os
import sys
import traceback
from collections.abc import Awaitable, Callable
from unittest.mock import patch

import uvicorn
from sqlalchemy import text
from sqlalchemy.exc import InterfaceError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+psycopg://user:password@localhost/test"
)


class Policy(asyncio.DefaultEventLoopPolicy):
    """As an application sets it, to get another loop."""

    asked = False

    def new_event_loop(self) -> asyncio.AbstractEventLoop:
        self.asked = True
        return super().new_event_loop()


def loop_of(config: uvicorn.Config) -> object:
    """What uvicorn would make its loop with on Windows. The name of the class is all that Linux lacks."""
    with patch.object(sys, "platform", "win32"), patch.object(asyncio, "ProactorEventLoop", "proactor", create=True):
        return config.get_loop_factory()


async def claim_the_check(engine: AsyncEngine) -> None:
    """psycopg compares the class of the running loop when it connects, and SQLAlchemy passes its error on as an `InterfaceError`."""
    error = ""
    running = type(asyncio.get_running_loop())
    with patch.object(sys, "platform", "win32"), patch.object(asyncio, "ProactorEventLoop", running, create=True):
        try:
            async with engine.connect() as connection:
                await connection.execute(text("SELECT 1"))
        except InterfaceError as raised:
            error = str(raised)
    assert error.startswith("(psycopg.InterfaceError) Psycopg cannot use the 'ProactorEventLoop' to run in async mode.")


async def claim_reload(engine: AsyncEngine) -> None:
    """On Windows, uvicorn's `loop="asyncio"` is the `ProactorEventLoop` for one process, and a selector loop with `--reload` or several workers."""
    assert loop_of(uvicorn.Config("main:app", loop="asyncio")) == "proactor"
    for config in (uvicorn.Config("main:app", reload=True), uvicorn.Config("main:app", workers=2)):
        config.loop = "asyncio"
        assert loop_of(config) is asyncio.SelectorEventLoop


async def claim_policy(engine: AsyncEngine) -> None:
    """With `loop="asyncio"`, uvicorn makes its loop without asking the event loop policy that was set before."""
    policy, before = Policy(), asyncio.get_event_loop_policy()
    asyncio.set_event_loop_policy(policy)
    try:
        factory = uvicorn.Config("main:app", loop="asyncio").get_loop_factory()
        assert factory is not None
        await asyncio.to_thread(lambda: factory().close())
    finally:
        asyncio.set_event_loop_policy(before)
    assert not policy.asked


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
