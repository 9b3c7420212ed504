from types import ModuleType

from sqlalchemy import Engine, event

from tests.bench_skill.tools import ask, client_of, tables


async def check(answer: ModuleType) -> None:
    tables(answer.Base.metadata)
    stored: list[int] = []
    disposed: list[Engine] = []
    async with client_of(answer.app, lambda: stored.append(len(ask("SELECT * FROM orders")))) as client:
        response = await client.post("/orders", json={"item": "desk"})
        event.listen(Engine, "engine_disposed", disposed.append)
    assert response.status_code == 201, f"the status is {response.status_code}"
    assert response.json() == {"id": 1, "item": "desk"}, f"the body is {response.text}"
    assert stored == [1], "the client has its 201, and the order is not stored yet"
    assert [engine for engine in disposed if engine.driver == "aiosqlite"], "the engine is not disposed of"
