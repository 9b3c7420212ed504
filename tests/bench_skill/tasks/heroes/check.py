from types import ModuleType

from sqlmodel import SQLModel

from tests.bench_skill.tools import ask, client_of, statements, tables


async def check(answer: ModuleType) -> None:
    tables(SQLModel.metadata)
    for number in range(1, 21):
        ask("INSERT INTO team (id, name) VALUES (:id, :name)", id=number, name=f"team {number}")
        ask("INSERT INTO hero (id, name, team_id) VALUES (:id, :name, :id)", id=number, name=f"hero {number}")
    ask("INSERT INTO hero (id, name) VALUES (21, 'alone')")
    async with client_of(answer.app) as client:
        with statements() as sent:
            response = await client.get("/heroes")
    assert response.status_code == 200, f"the status is {response.status_code}"
    heroes = response.json()
    assert [hero["id"] for hero in heroes] == list(range(1, 22)), "not all heroes, or not in their order"
    assert heroes[0] == {"id": 1, "name": "hero 1", "team": {"id": 1, "name": "team 1"}}, (
        f"it answers {heroes[0]}"
    )
    assert heroes[20]["team"] is None, "a hero without a team has one"
    assert len(sent) <= 2, f"{len(sent)} statements for 21 heroes"
