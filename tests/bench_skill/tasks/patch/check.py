from types import ModuleType

from tests.bench_skill.tools import ask, client_of, tables


async def check(answer: ModuleType) -> None:
    tables(answer.Base.metadata)
    ask("INSERT INTO users (id, name, phone) VALUES (1, 'Ada', '1')")
    wanted = [
        ({"phone": "2"}, {"id": 1, "name": "Ada", "phone": "2"}),
        ({}, {"id": 1, "name": "Ada", "phone": "2"}),
        ({"name": "Grace"}, {"id": 1, "name": "Grace", "phone": "2"}),
        ({"phone": None}, {"id": 1, "name": "Grace", "phone": None}),
    ]
    async with client_of(answer.app) as client:
        for body, user in wanted:
            response = await client.patch("/users/1", json=body)
            assert response.status_code == 200, f"{body} is answered with {response.status_code}"
            assert response.json() == user, f"after {body} the user is {response.text}"
            assert ask("SELECT name, phone FROM users") == [(user["name"], user["phone"])], (
                f"{body} is not stored"
            )
        refused = await client.patch("/users/1", json={"name": None})
        assert refused.status_code == 422, f"a name of null is answered with {refused.status_code}"
        assert (await client.patch("/users/2", json={})).status_code == 404, "there is no user 2"
