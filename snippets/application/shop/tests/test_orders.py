import asyncio

import httpx
import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.models import Order
from app.settings import Settings
from tests.factories import Factory


async def test_takes_from_the_stock(client: httpx.AsyncClient, make: Factory) -> None:
    customer, product = await make.customer(), await make.product(price="3.50", stock=3)
    lines = [{"product_id": product.id, "quantity": 2}]
    placed = await client.post("/orders", json={"customer_id": customer.id, "lines": lines})
    assert placed.status_code == 201
    [line] = placed.json()["lines"]
    assert (line["quantity"], line["price"], line["product"]["stock"]) == (2, "3.50", 1)
    assert (await client.get(f"/orders/{placed.json()['id']}")).json() == placed.json()
    listed = await client.get(f"/customers/{customer.id}/orders")
    assert listed.json() == [placed.json()]


async def test_one_that_cannot_be_filled_changes_nothing(
    client: httpx.AsyncClient, make: Factory, session: AsyncSession
) -> None:
    customer = await make.customer()
    enough, short = await make.product(stock=5), await make.product(name="Salt", stock=1)
    lines = [{"product_id": product.id, "quantity": 2} for product in (enough, short)]
    refused = await client.post("/orders", json={"customer_id": customer.id, "lines": lines})
    assert (refused.status_code, refused.json()) == (409, {"detail": "Salt: only 1 left"})
    assert (await client.get(f"/products/{enough.id}")).json()["stock"] == 5
    assert await session.scalar(select(func.count()).select_from(Order)) == 0


async def test_names_what_is_there(client: httpx.AsyncClient, make: Factory) -> None:
    customer, product = await make.customer(), await make.product()
    for customer_id, product_id in ((customer.id, -1), (-1, product.id)):
        lines = [{"product_id": product_id, "quantity": 1}]
        refused = await client.post("/orders", json={"customer_id": customer_id, "lines": lines})
        assert refused.status_code == 422


async def test_cancelled_once(client: httpx.AsyncClient, make: Factory) -> None:
    product = await make.product(stock=3)
    order = await make.order(product, quantity=2)
    cancelled = await client.post(f"/orders/{order.id}/cancel")
    assert (cancelled.status_code, cancelled.json()["status"]) == (200, "cancelled")
    assert (await client.post(f"/orders/{order.id}/cancel")).status_code == 409
    assert (await client.get(f"/products/{product.id}")).json()["stock"] == 3


async def test_two_want_the_last_one(real_client: httpx.AsyncClient, settings: Settings) -> None:
    if settings.database_url.get_backend_name() == "sqlite":
        pytest.skip("SQLite has no FOR UPDATE, and lets one of two writers fail")
    customer = (
        await real_client.post("/customers", json={"email": "a@example.org", "name": "A"})
    ).json()
    tea = {"sku": "tea", "name": "Tea", "price": "3.50", "stock": 1}
    product = (await real_client.post("/products", json=tea)).json()
    order = {
        "customer_id": customer["id"],
        "lines": [{"product_id": product["id"], "quantity": 1}],
    }
    answers = await asyncio.gather(*(real_client.post("/orders", json=order) for _ in range(2)))
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    assert (await real_client.get(f"/products/{product['id']}")).json()["stock"] == 0
