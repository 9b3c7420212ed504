"""What all endpoints share: errors, health, logs, metrics, the set-up."""

import json
import logging

import httpx
import pytest
from fastapi import FastAPI
from pydantic import ValidationError
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.pool import QueuePool

from app.database import Database
from app.errors import NotFoundError
from app.main import create_app
from app.observability import JsonFormatter
from app.settings import Settings
from tests.conftest import client_of, running
from tests.factories import Factory


async def test_a_second_customer_with_an_email_is_refused(
    client: httpx.AsyncClient, make: Factory, session: AsyncSession
) -> None:
    await make.customer(email="ada@example.org")
    again = {"email": "ada@example.org", "name": "Ada"}
    assert (await client.post("/customers", json=again)).status_code == 409
    # The transaction of the test goes on: the request had a savepoint of its own.
    assert (await client.get("/customers/-1")).status_code == 404


async def test_alive_and_ready(client: httpx.AsyncClient) -> None:
    assert (await client.get("/livez")).status_code == 200
    assert (await client.get("/readyz")).status_code == 200


async def test_ready_although_all_connections_are_in_use(app: FastAPI, settings: Settings) -> None:
    async with running(app) as state, client_of(app, state) as client:
        pool = state["database"].engine
        async with pool.connect(), pool.connect():
            assert (await client.get("/readyz")).status_code == 200
            full = await client.get("/products")
            assert (full.status_code, full.headers["Retry-After"]) == (503, "1")


async def test_a_request_has_an_id_in_its_answer_and_in_the_log(
    real_client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.handler.setFormatter(JsonFormatter())
    with caplog.at_level(logging.INFO, "app.observability"):
        answer = await real_client.get("/products", headers={"X-Request-ID": "abc-1"})
        evil = await real_client.get("/livez", headers={"X-Request-ID": 'a"b\r'})
    assert answer.headers["X-Request-ID"] == "abc-1"
    assert len(evil.headers["X-Request-ID"]) == 32
    line = json.loads(caplog.text.splitlines()[0])
    assert (line["request"], line["status"], line["path"]) == ("abc-1", 200, "/products")
    assert line["statements"] >= 1


async def test_a_slow_query_is_logged_with_its_request(
    app: FastAPI, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.slow_query_ms = 0
    caplog.handler.setFormatter(JsonFormatter())
    async with running(app) as state, client_of(app, state) as client:
        await client.get("/products", headers={"X-Request-ID": "abc-2"})
    settings.slow_query_ms = 200
    slow = [json.loads(line) for line in caplog.text.splitlines() if "slow query" in line]
    assert [line["request"] for line in slow if "FROM products" in line["sql"]] == ["abc-2"]


async def test_a_slow_query_that_fails_is_logged_too(
    app: FastAPI, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.slow_query_ms = 0
    async with running(app) as state:
        with pytest.raises(DBAPIError):
            async with state["database"].engine.connect() as connection:
                await connection.execute(text("SELECT nothing_of_this_name"))
    settings.slow_query_ms = 200
    slow = [vars(record)["sql"] for record in caplog.records if record.message == "slow query"]
    assert slow.count("SELECT nothing_of_this_name") == 1


async def test_an_error_of_ours_may_have_subclasses(app: FastAPI) -> None:
    class NoSuchPageError(NotFoundError):
        pass

    @app.get("/missing")
    async def missing() -> None:
        raise NoSuchPageError("no such page")

    async with running(app) as state, client_of(app, state) as client:
        answer = await client.get("/missing")
    assert (answer.status_code, answer.json()) == (404, {"detail": "no such page"})


async def test_metrics(client: httpx.AsyncClient) -> None:
    await client.get("/products")
    await client.request("MADE-UP", "/products")
    scraped = (await client.get("/metrics/")).text
    assert 'http_request_seconds_count{method="GET",route="/products",status="200"} 1.0' in scraped
    assert 'method="other",route="/products",status="405"' in scraped and "MADE-UP" not in scraped
    assert "db_pool_limit 2.0" in scraped


async def test_a_database_that_is_not_there_stops_the_server(app: FastAPI) -> None:
    gone = "postgresql+asyncpg://nobody@127.0.0.1:9/shop"
    with pytest.raises(OperationalError):
        async with running(create_app(Settings(database_url=gone))):
            pytest.fail("it has started")


def test_a_mistyped_setting_shows_no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql+asyncpg://shop:s3cret@db/shop")
    monkeypatch.setenv("POOL_SIZE", "ten")
    with pytest.raises(ValidationError) as raised:
        Settings()
    assert "s3cret" not in str(raised.value)


async def test_nothing_stays_checked_out(app: FastAPI, database: Database) -> None:
    async with running(app) as state, client_of(app, state) as client:
        statuses = [(await client.get(f"/products{path}")).status_code for path in ("", "/-1")]
        pool = state["database"].engine.pool
        assert isinstance(pool, QueuePool)
        assert (statuses, pool.checkedout()) == ([200, 404], 0)
