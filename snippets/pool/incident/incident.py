# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi", "httpx",
# ]
# ///
# unrecorded: a hundred requests
import asyncio
import linecache
import logging
import os
from collections import Counter
from typing import Any

import greenlet
import httpx
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from sqlalchemy import event, func, select
from sqlalchemy.exc import TimeoutError
from sqlalchemy.ext.asyncio import async_scoped_session, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    total: Mapped[int]


# --8<-- [start:app]
engine = create_async_engine(DATABASE_URL, pool_size=5, max_overflow=0, pool_timeout=0.1)
session_factory = async_sessionmaker(engine, expire_on_commit=False)
session = async_scoped_session(session_factory, scopefunc=asyncio.current_task)
app = FastAPI()


@app.exception_handler(TimeoutError)
async def busy(request: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"detail": "busy, try again"}, status_code=503)


# --8<-- [end:app]


# --8<-- [start:endpoints]
@app.get("/orders/{order_id}")
async def read_order(order_id: int) -> JSONResponse:
    order = await session.get(Order, order_id)
    await session.remove()
    if order is None:
        return JSONResponse({"detail": "no such order"}, status_code=404)
    return JSONResponse({"total": order.total})


@app.get("/orders")
async def count_orders() -> JSONResponse:
    count = await session.scalar(select(func.count()).select_from(Order))
    await session.remove()
    return JSONResponse({"count": count})


# --8<-- [end:endpoints]

# --8<-- [start:listen]
holding: dict[Any, str] = {}
taken: Counter[str] = Counter()


@event.listens_for(engine.sync_engine, "checkout")
def on_checkout(dbapi_connection: Any, record: Any, proxy: Any) -> None:
    waiting = greenlet.getcurrent().parent  # Here your `await` waits.
    frame = waiting.gr_frame if waiting else None
    while frame is not None and frame.f_code.co_filename != __file__:
        frame = frame.f_back
    if frame is not None:
        holding[record] = linecache.getline(__file__, frame.f_lineno).strip()
        taken[holding[record]] += 1


@event.listens_for(engine.sync_engine, "checkin")
@event.listens_for(engine.sync_engine, "detach")  # As when the garbage collector finds it.
def on_return(dbapi_connection: Any, record: Any) -> None:
    holding.pop(record, None)


# --8<-- [end:listen]

logged: list[logging.LogRecord] = []


class Keep(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        logged.append(record)


async def main() -> None:
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        async with session_factory.begin() as first:
            first.add(Order(id=1, total=30))
        await engine.dispose()
        logging.basicConfig(level=logging.WARNING, handlers=[Keep()])
        taken.clear()

        transport = httpx.ASGITransport(app)
        client = httpx.AsyncClient(transport=transport, base_url="http://test")

        # --8<-- [start:traffic]
        answers: Counter[int] = Counter()
        print("requests | 200 | 404 | 503 | connections out | lines in the log")
        #> requests | 200 | 404 | 503 | connections out | lines in the log
        for number in range(1, 121):
            path = "/orders" if number % 2 else "/orders/1" if number % 20 else "/orders/999"
            # A task of its own for each request, as with uvicorn.
            answer = await asyncio.create_task(client.get(path))
            answers[answer.status_code] += 1
            if number in (19, 20, 40, 80, 100, 101, 120):
                counts = [answers[200], answers[404], answers[503], len(holding), len(logged)]
                print(" | ".join(str(count) for count in [number, *counts]))
                #> 19 | 19 | 0 | 0 | 0 | 0
                #> 20 | 19 | 1 | 0 | 0 | 0
                #> 40 | 38 | 2 | 0 | 0 | 0
                #> 80 | 76 | 4 | 0 | 0 | 0
                #> 100 | 95 | 5 | 0 | 0 | 0
                #> 101 | 96 | 5 | 0 | 0 | 0
                #> 120 | 114 | 6 | 0 | 0 | 0
        # --8<-- [end:traffic]
        # --8<-- [start:lines]
        print("line | times taken | still out")
        #> line | times taken | still out
        out_by_line = Counter(holding.values())
        for line, times in sorted(taken.items()):
            print(f"{line} | {times} | {out_by_line[line]}")
            #> count = await session.scalar(select(func.count()).select_from(Order)) | 60 | 0
            #> order = await session.get(Order, order_id) | 60 | 0
        # --8<-- [end:lines]
        assert answers[503] == 0
    finally:
        for kept in list(session.registry.registry.values()):
            await kept.close()
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
