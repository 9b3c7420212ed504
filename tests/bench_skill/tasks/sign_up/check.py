from types import ModuleType

from tests.bench_skill.tools import ask, before_the_insert, client_of, tables


async def check(answer: ModuleType) -> None:
    tables(answer.Base.metadata)
    async with client_of(answer.app) as client:
        assert (await client.post("/users", json={"email": "ada@example.org"})).status_code == 201, (
            "the first is refused"
        )
        again = await client.post("/users", json={"email": "ada@example.org"})
        assert again.status_code == 409, f"a duplicate is answered with {again.status_code}"
        with before_the_insert(
            "users", lambda: ask("INSERT INTO users (email) VALUES ('grace@example.org')")
        ):
            raced = await client.post("/users", json={"email": "grace@example.org"})
        assert raced.status_code == 409, (
            f"if two requests run at the same time, the second gets {raced.status_code}"
        )
        after = await client.post("/users", json={"email": "iain@example.org"})
        assert after.status_code == 201, f"the request after that gets {after.status_code}"
    assert len(ask("SELECT * FROM users")) == 3, "not every user is stored once"
