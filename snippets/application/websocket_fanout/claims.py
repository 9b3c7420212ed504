# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "fastapi>=0.121"]
# ///
# drivers: aiosqlite (no statement is sent)
import asyncio
import os
import traceback
from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import FastAPI, WebSocket, WebSocketDisconnect
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from starlette.types import Message

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


async def claim_only_sends(engine: AsyncEngine) -> None:
    """An endpoint that waits for its queue does not end when the client leaves. It ends at the next message that it sends."""
    app, changes, accepted = FastAPI(), asyncio.Queue[str](), asyncio.Event()

    @app.websocket("/")
    async def prices(websocket: WebSocket) -> None:
        await websocket.accept()
        while True:
            await websocket.send_text(await changes.get())

    events: asyncio.Queue[Message] = asyncio.Queue()

    async def send(message: Message) -> None:
        accepted.set()
        if "text" in message:
            raise OSError("the client has left")  # What a server raises, as the ASGI specification says.

    scope = {"type": "websocket", "path": "/", "headers": [], "query_string": b""}
    socket = asyncio.ensure_future(app(scope, events.get, send))
    events.put_nowait({"type": "websocket.connect"})
    await accepted.wait()
    events.put_nowait({"type": "websocket.disconnect", "code": 1000})
    for _ in range(100):
        await asyncio.sleep(0)
    before = socket.done()
    changes.put_nowait("desk: 19900")
    [end] = await asyncio.gather(socket, return_exceptions=True)
    assert not before
    assert events.qsize() == 1
    assert isinstance(end, WebSocketDisconnect)


async def claim_never_reads(engine: AsyncEngine) -> None:
    """An endpoint whose `send_text` waits for a client that does not read does not see that its queue was emptied. With `asyncio.timeout` around `send_text`, it ends."""
    app, connected = FastAPI(), list[asyncio.Queue[str | None]]()
    ended: dict[str, bool] = {}

    async def serve(websocket: WebSocket, seconds: float | None) -> None:
        await websocket.accept()
        queue = asyncio.Queue[str | None]()
        connected.append(queue)
        while (line := await queue.get()) is not None:
            async with asyncio.timeout(seconds):
                await websocket.send_text(line)

    @app.websocket("/without")
    async def without(websocket: WebSocket) -> None:
        await serve(websocket, None)

    @app.websocket("/with")
    async def with_timeout(websocket: WebSocket) -> None:
        await serve(websocket, 0.1)

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    for path in "/without", "/with":
        accepted, stuck = asyncio.Event(), asyncio.Event()

        async def send(message: Message) -> None:
            accepted.set()  # noqa: B023
            if "text" in message:
                stuck.set()  # noqa: B023
                await asyncio.Event().wait()

        scope: dict[str, Any] = {"type": "websocket", "path": path, "headers": [], "query_string": b""}
        socket = asyncio.ensure_future(app(scope, receive, send))
        await accepted.wait()
        while not connected:
            await asyncio.sleep(0)
        queue = connected.pop()
        queue.put_nowait("desk: 19900")
        await stuck.wait()
        queue.put_nowait(None)
        await asyncio.wait([socket], timeout=1)
        ended[path] = socket.done()
        socket.cancel()
        await asyncio.wait([socket])
    assert ended == {"/without": False, "/with": True}


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
