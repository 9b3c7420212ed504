# /// script
# requires-python = ">=3.11"
# dependencies = ["httpx", "asyncpg", "psycopg[binary]"]
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
from typing import NamedTuple

import httpx
import psycopg

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs a PostgreSQL that it may restart: RESTART_POSTGRES='systemctl restart postgresql' SHOP=… DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)
SHOP, RESTART = Path(os.environ["SHOP"]), os.environ["RESTART_POSTGRES"]
WORKERS, POOL_SIZE, CLIENTS, STOCK = 2, 4, 16, 900_000
UNKNOWN, REFUSED = "500 outcome unknown", "no answer"
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


Fault = Callable[["Database", httpx.AsyncClient], Awaitable[None]]


class Shop(NamedTuple):
    customer: int
    products: list[int]


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

    def __init__(self, client: httpx.AsyncClient, shop: Shop) -> None:
        self.client, self.shop = client, shop
        self.seen: Counter[str] = Counter()
        self.stopped = False

    async def once(self, number: int) -> None:
        shop = self.shop
        line = {"product_id": shop.products[number % len(shop.products)], "quantity": 1}
        order = {"customer_id": shop.customer, "lines": [line]}
        requests = [
            ("POST", "/orders", order),
            ("GET", f"/customers/{shop.customer}/orders", None),
            ("GET", "/products", None),
        ]
        method, path, body = requests[number % len(requests)]
        try:
            answer = await self.client.request(method, path, json=body)
            self.seen[UNKNOWN if "may have been stored" in answer.text else str(answer.status_code)] += 1
        except httpx.TransportError:
            self.seen[REFUSED] += 1

    async def keep_on(self, first: int) -> None:
        number = first
        while not self.stopped:
            await self.once(number)
            number += 1

    @asynccontextmanager
    async def running(self, goes_on: bool = True) -> AsyncIterator[None]:
        clients = [asyncio.create_task(self.keep_on(first)) for first in range(CLIENTS)]
        try:
            await self.answered(40)
            yield
            if goes_on:
                await self.answered(40)
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
        return self.seen["200"] + self.seen["201"]


# --8<-- [start:faults]
async def nothing(database: Database, client: httpx.AsyncClient) -> None:
    """Requests, and nothing else."""


async def restart(database: Database, client: httpx.AsyncClient) -> None:
    await run(RESTART)


async def kill(database: Database, client: httpx.AsyncClient) -> None:
    await database.ask(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'shop'"
    )


async def hang_up(database: Database, client: httpx.AsyncClient) -> None:
    for _ in range(200):
        _reader, writer = await asyncio.open_connection(client.base_url.host, client.base_url.port)
        writer.write(b"GET /products HTTP/1.1\r\nHost: shop\r\n\r\n")
        await writer.drain()
        writer.transport.abort()


async def migrate(database: Database, client: httpx.AsyncClient) -> None:
    await run("alembic downgrade 0001")
    await run("alembic upgrade head")


FAULTS: dict[str, tuple[Fault, set[str]]] = {
    "nothing": (nothing, set()),
    "the database restarts": (restart, {"503", UNKNOWN}),
    "all its connections are killed": (kill, {"503", UNKNOWN}),
    "200 clients hang up": (hang_up, set()),
    "migrations run, down and up": (migrate, set()),
}
# --8<-- [end:faults]


# --8<-- [start:table]
async def try_all(database: Database, client: httpx.AsyncClient, shop: Shop) -> Counter[str]:
    total: Counter[str] = Counter()
    print("while | may be answered besides 200 and 201 | other answers | more than 8 connections | left in a transaction")
    """
    while | may be answered besides 200 and 201 | other answers | more than 8 connections | left in a transaction
    """
    for name, (fault, allowed) in FAULTS.items():
        load = Load(client, shop)
        async with load.running():
            await fault(database, client)
            too_many = await database.connections() > WORKERS * POOL_SIZE
        others = sorted(load.seen.keys() - allowed - {"200", "201"})
        left = await database.connections("idle in transaction%")
        print(name, "|", ", ".join(sorted(allowed)) or "nothing", "|", others or "none", "|", too_many, "|", left)
        #> nothing | nothing | none | False | 0
        #> the database restarts | 500 outcome unknown, 503 | none | False | 0
        #> all its connections are killed | 500 outcome unknown, 503 | none | False | 0
        #> 200 clients hang up | nothing | none | False | 0
        #> migrations run, down and up | nothing | none | False | 0
        total += load.seen
    return total


# --8<-- [end:table]


async def prepared(client: httpx.AsyncClient) -> Shop:
    customer = (await client.post("/customers", json={"email": "ada@example.org", "name": "Ada"})).json()
    products = [
        (await client.post("/products", json={"sku": sku, "name": sku, "price": "1", "stock": STOCK})).json()
        for sku in ("tea", "salt", "rice")
    ]
    return Shop(customer["id"], [product["id"] for product in products])


async def main() -> None:
    database = Database()
    await run("alembic upgrade head")
    async with served() as (server, client):
        shop = await prepared(client)
        seen = await try_all(database, client, shop)
        # --8<-- [start:kept]
        stored = await database.ask("SELECT count(*) FROM orders")
        taken = 3 * STOCK - await database.ask("SELECT sum(stock) FROM products")
        ordered = await database.ask("SELECT sum(quantity) FROM order_lines")
        print("orders that were answered with 201 and are not stored:", max(seen["201"] - stored, 0))
        #> orders that were answered with 201 and are not stored: 0
        print("more orders than 201s and unknown outcomes:", stored > seen["201"] + seen[UNKNOWN])
        #> more orders than 201s and unknown outcomes: False
        print("taken from the stock and not ordered:", taken - ordered)
        #> taken from the stock and not ordered: 0
        # --8<-- [end:kept]
        # --8<-- [start:stop]
        load = Load(client, shop)
        async with load.running(goes_on=False):
            server.send_signal(signal.SIGTERM)
            code = await server.wait()
        others = sorted(load.seen.keys() - {"200", "201", REFUSED})
        orders = await database.ask("SELECT count(*) FROM orders") - stored
        print("answered 200, 201, or not at all; others:", others)
        #> answered 200, 201, or not at all; others: []
        print("orders that are stored and were not answered:", orders - load.seen["201"])
        #> orders that are stored and were not answered: 0
        print("exit code", code, "and", await database.connections(), "connections left")
        #> exit code 0 and 0 connections left
        # --8<-- [end:stop]


if __name__ == "__main__":
    asyncio.run(main())
