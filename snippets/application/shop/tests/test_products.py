import json
import math

import httpx
import pytest

from app.settings import Settings
from tests.factories import Factory

TEA = {"sku": "tea", "name": "Tea", "price": "3.50", "stock": 3}


async def test_created_and_read(client: httpx.AsyncClient) -> None:
    created = await client.post("/products", json=TEA)
    assert created.status_code == 201
    read = await client.get(f"/products/{created.json()['id']}")
    assert read.json() == created.json() == {"id": created.json()["id"], **TEA}


async def test_a_second_one_with_its_sku_is_refused(client: httpx.AsyncClient) -> None:
    assert (await client.post("/products", json=TEA)).status_code == 201
    second = await client.post("/products", json=TEA)
    assert (second.status_code, second.json()) == (409, {"detail": "exists already"})


async def test_a_patch_changes_what_was_sent(client: httpx.AsyncClient, make: Factory) -> None:
    product = await make.product(name="Tea", price="3.50")
    changed = await client.patch(f"/products/{product.id}", json={"name": "Green tea"})
    assert changed.status_code == 200
    read = await client.get(f"/products/{product.id}")
    assert read.json() == changed.json()
    assert (read.json()["name"], read.json()["price"]) == ("Green tea", "3.50")


@pytest.mark.parametrize("patch", [{"name": None}, {"price": -1}, {"stock": "many"}])
async def test_a_patch_that_cannot_be(
    client: httpx.AsyncClient, make: Factory, patch: dict[str, object]
) -> None:
    product = await make.product()
    assert (await client.patch(f"/products/{product.id}", json=patch)).status_code == 422


async def test_pages_have_each_product_once(client: httpx.AsyncClient, make: Factory) -> None:
    made = [(await make.product()).id for _ in range(5)]
    seen: list[int] = []
    after: int | None = 0
    while after is not None:
        page = (await client.get("/products", params={"after": after, "limit": 2})).json()
        seen += [item["id"] for item in page["items"]]
        after = page["next"]
    assert seen == made


async def test_deleted(client: httpx.AsyncClient, make: Factory) -> None:
    product = await make.product()
    assert (await client.delete(f"/products/{product.id}")).status_code == 204
    assert (await client.get(f"/products/{product.id}")).status_code == 404
    assert (await client.delete(f"/products/{product.id}")).status_code == 404


async def test_one_that_was_ordered_stays(client: httpx.AsyncClient, make: Factory) -> None:
    product = await make.product()
    await make.order(product)
    assert (await client.delete(f"/products/{product.id}")).status_code == 409
    assert (await client.get(f"/products/{product.id}")).status_code == 200


@pytest.mark.parametrize("place", ["/products/", "/products?after=", "/orders/", "/customers/"])
async def test_a_number_that_no_id_can_be_is_refused(client: httpx.AsyncClient, place: str) -> None:
    for number in (2**31, 2**63):
        assert (await client.get(f"{place}{number}")).status_code == 422


@pytest.mark.parametrize("field", ["name", "stock"])
async def test_what_cannot_be_repeated_as_json_is_refused(
    client: httpx.AsyncClient, field: str
) -> None:
    body = json.dumps(TEA | {field: "\ud800" if field == "name" else math.nan})
    sent_as = {"Content-Type": "application/json"}
    refused = await client.post("/products", content=body, headers=sent_as)
    assert refused.status_code == 422
    assert refused.json()["detail"][0]["loc"] == ["body", field]


async def test_what_a_column_cannot_hold_is_refused(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    if settings.database_url.get_backend_name() == "sqlite":
        pytest.skip("SQLite stores it")
    assert (await client.post("/products", json={**TEA, "name": "T\0ea"})).status_code == 422
