from types import ModuleType

from tests.bench_skill.tools import ask, client_of, tables


async def check(answer: ModuleType) -> None:
    tables(answer.Base.metadata)
    for number in range(1, 8):
        add(number, "2026-01-02 00:00:00.000000" if number > 5 else "2026-01-01 00:00:00.000000")
    seen: list[int] = []
    async with client_of(answer.app) as client:
        params: dict[str, str | int] = {"limit": 2}
        for new in range(8, 20):
            response = await client.get("/orders", params=params)
            assert response.status_code == 200, f"the status is {response.status_code}"
            page = response.json()
            seen += [order["id"] for order in page["items"]]
            add(new, "2026-01-03 00:00:00.000000")
            if page["next"] is None:
                break
            params["after"] = page["next"]
        assert seen == [7, 6, 5, 4, 3, 2, 1], f"the pages have the orders {seen}"
        assert (await client.get("/orders?limit=1000")).status_code == 422, "a limit of 1000 is allowed"
        assert (await client.get("/orders?after=nonsense")).status_code == 422, (
            "nonsense is taken for a cursor"
        )


def add(number: int, time: str) -> None:
    ask("INSERT INTO orders (id, created_at) VALUES (:id, :time)", id=number, time=time)
