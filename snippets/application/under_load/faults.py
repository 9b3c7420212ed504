# /// script
# requires-python = ">=3.11"
# dependencies = ["httpx", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (it is served with PostgreSQL only)
# needs: shop
# unrecorded: the application runs in processes of its own
import asyncio
import os
import signal
import socket
import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import psycopg

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL that it may restart: RESTART_POSTGRES='systemctl restart postgresql' SHOP=… DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)
SHOP, RESTART = Path(os.environ["SHOP"]), os.environ["RESTART_POSTGRES"]
WORKERS, POOL_SIZE, CLIENTS = 2, 4, 16
ENVIRONMENT = {
    **os.environ,
    "PATH": f"{SHOP}/.venv/bin:{os.environ['PATH']}",
    "WEB_CONCURRENCY": str(WORKERS),
    "POOL_SIZE": str(POOL_SIZE),
    "LOG_LEVEL": "CRITICAL",
}


async def run(command: str) -> None:
    process = await asyncio.create_subprocess_shell(
        command, cwd=SHOP, env=ENVIRONMENT, stderr=asyncio.subprocess.DEVNULL
    )
    if await process.wait():
        sys.exit(f"{command}: {process.returncode}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def served() -> AsyncIterator[tuple[asyncio.subprocess.Process, httpx.AsyncClient]]:
    """The command of the Dockerfile, with several workers."""
    port = free_port()
    process = await asyncio.create_subprocess_shell(
        f"exec uvicorn --factory app.main:create_app --port {port} --timeout-graceful-shutdown 20 2>/dev/null",
        cwd=SHOP,
        env=ENVIRONMENT,
    )
    limits = httpx.Limits(max_keepalive_connections=0)
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", limits=limits, timeout=30) as client:
            while not await is_ready(client):
                await asyncio.sleep(0.05)
            yield process, client
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def is_ready(client: httpx.AsyncClient) -> bool:
    try:
        return (await client.get("/readyz")).status_code == 200
    except httpx.TransportError:
        return False


class Database:
    """Looks on from outside, with a connection for each question: the server is restarted."""

    url = DATABASE_URL.replace("+asyncpg", "").replace("+psycopg", "")

    async def ask(self, query: str) -> int:
        async with await psycopg.AsyncConnection.connect(self.url, autocommit=True) as connection:
            row = await (await connection.execute(query)).fetchone()
            return int(row[0]) if row else 0

    async def connections(self, state: str = "%") -> int:
        return await self.ask(
            f"SELECT count(*) FROM pg_stat_activity WHERE application_name = 'shop' AND state LIKE '{state}'"
        )


class Load:
    """Clients that order, read and list, one request after the other, until they are told to stop."""

    def __init__(self, client: httpx.AsyncClient, customer: int, products: list[int]) -> None:
        self.client, self.customer, self.products = client, customer, products
        self.seen: Counter[str] = Counter()
        self.stopped = False

    async def once(self, number: int) -> None:
        line = {"product_id": self.products[number % len(self.products)], "quantity": 1}
        order = {"customer_id": self.customer, "lines": [line]}
        requests = [
            ("POST", "/orders", order),
            ("GET", f"/customers/{self.customer}/orders", None),
            ("GET", "/products", None),
        ]
        method, path, body = requests[number % len(requests)]
        try:
            self.seen[str((await self.client.request(method, path, json=body)).status_code)] += 1
        except httpx.TransportError as error:
            self.seen[type(error).__name__] += 1

    async def keep_on(self, first: int) -> None:
        number = first
        while not self.stopped:
            await self.once(number)
            number += 1

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        clients = [asyncio.create_task(self.keep_on(first)) for first in range(CLIENTS)]
        try:
            await self.answered(100)
            yield
            await self.answered(100)
        finally:
            self.stopped = True
            await asyncio.gather(*clients)

    async def answered(self, more: int) -> None:
        """Until so many further requests have gone well."""
        wanted = self.well + more
        while self.well < wanted:
            await asyncio.sleep(0.02)

    @property
    def well(self) -> int:
        return sum(count for status, count in self.seen.items() if status in ("200", "201"))


# --8<-- [start:faults]
async def nothing(database: Database, client: httpx.AsyncClient) -> None:
    """A thousand requests and nothing else."""


async def restart(database: Database, client: httpx.AsyncClient) -> None:
    await run(RESTART)


async def kill(database: Database, client: httpx.AsyncClient) -> None:
    await database.ask(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'shop'"
    )


async def clients_go(database: Database, client: httpx.AsyncClient) -> None:
    for _ in range(200):
        _reader, writer = await asyncio.open_connection(client.base_url.host, client.base_url.port)
        writer.write(b"GET /products HTTP/1.1\r\nHost: shop\r\n\r\n")
        await writer.drain()
        writer.transport.abort()


async def migrate(database: Database, client: httpx.AsyncClient) -> None:
    await run("alembic downgrade 0001")
    await run("alembic upgrade head")


# --8<-- [end:faults]


async def main() -> None:
    await run("alembic upgrade head")


if __name__ == "__main__":
    asyncio.run(main())
