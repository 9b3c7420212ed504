# /// script
# requires-python = ">=3.11"
# dependencies = ["fastapi>=0.121"]
# ///
# drivers: aiosqlite (no database is involved)
# silent: the queue of a slow client grows with each message
import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from fastapi import FastAPI, WebSocket
from starlette.types import Message

Queue = asyncio.Queue[str | None]


# --8<-- [start:clients]
class Clients:
    def __init__(self) -> None:
        self.queues: set[Queue] = set()

    @contextmanager
    def connected(self) -> Iterator[Queue]:
        queue = Queue()
        self.queues.add(queue)
        try:
            yield queue
        finally:
            self.queues.discard(queue)

    def broadcast(self, line: str) -> None:
        for queue in list(self.queues):
            queue.put_nowait(line)


# --8<-- [end:clients]
clients = Clients()
app = FastAPI()


# --8<-- [start:socket]
@app.websocket("/prices")
async def prices(websocket: WebSocket) -> None:
    await websocket.accept()
    with clients.connected() as queue:
        while (line := await queue.get()) is not None:
            await websocket.send_text(line)
    await websocket.close(1013)


# --8<-- [end:socket]


class Browser:
    """A WebSocket client without a network. While it is slow, `send` waits, as a server's does for a full buffer."""

    def __init__(self) -> None:
        self.reads, self.ready, self.waiting = asyncio.Event(), asyncio.Event(), 0
        self.lines: list[str] = []
        scope = {"type": "websocket", "path": "/prices", "headers": [], "query_string": b""}
        self.connection = asyncio.ensure_future(app(scope, self.receive, self.send))

    async def receive(self) -> Message:
        return {"type": "websocket.connect"}

    async def send(self, message: Message) -> None:
        self.ready.set()
        if "text" in message:
            await self.reads.wait()
            self.lines.append(message["text"])
        if message["type"] == "websocket.close":
            self.lines.append(f"closed with {message['code']}")


async def main() -> None:
    # --8<-- [start:slow]
    quick, slow = Browser(), Browser()
    quick.reads.set()
    for browser in quick, slow:
        await browser.ready.wait()
    for cents in range(1000):
        clients.broadcast(f"desk: {cents}")
        await asyncio.sleep(0)
    waiting = sum(queue.qsize() for queue in clients.queues)
    print(f"{waiting} messages wait, the quick client has {len(quick.lines)}, the slow one {slow.lines}")
    #> 999 messages wait, the quick client has 1000, the slow one []
    # --8<-- [end:slow]
    slow.reads.set()
    while len(slow.lines) < 2:
        await asyncio.sleep(0)
    # --8<-- [start:later]
    print("the slow client now reads:", slow.lines[:2])
    #> the slow client now reads: ['desk: 0', 'desk: 1']
    # --8<-- [end:later]
    for browser in quick, slow:
        browser.connection.cancel()
    await asyncio.wait([quick.connection, slow.connection])


if __name__ == "__main__":
    asyncio.run(main())
