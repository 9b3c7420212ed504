from types import ModuleType

from tests.bench_skill.tools import ask, client_of, tables


async def check(answer: ModuleType) -> None:
    tables(answer.Base.metadata)
    async with client_of(answer.app) as client:
        response = await client.post("/users", json={"name": "Ada"})
    assert response.status_code == 201, f"the status is {response.status_code}"
    assert response.json() == {"id": 1}, f"the body is {response.text}"
    assert ask("SELECT name FROM users") == [("Ada",)], "the user is not stored"
    assert answer.outbox == ["Welcome, Ada"], f"the task did not do its work: the outbox is {answer.outbox}"
