from types import ModuleType

from tests.bench_skill.tools import ask, client_of, tables


async def check(answer: ModuleType) -> None:
    tables(answer.Base.metadata)
    ask("INSERT INTO authors (id, name) VALUES (1, 'Ursula')")
    ask("INSERT INTO books (id, title, author_id) VALUES (1, 'The Dispossessed', 1)")
    async with client_of(answer.app) as client:
        read = await client.get("/authors/1")
        assert read.status_code == 200, f"GET answers {read.status_code}"
        books = [{"id": 1, "title": "The Dispossessed"}]
        assert read.json() == {"id": 1, "name": "Ursula", "books": books}, f"GET answers {read.text}"
        assert (await client.get("/authors/9")).status_code == 404, "there is no author 9"
        made = await client.post("/authors", json={"name": "Iain"})
        assert made.status_code == 201, f"POST answers {made.status_code}"
        assert made.json() == {"id": 2, "name": "Iain", "books": []}, f"POST answers {made.text}"
        again = await client.get("/authors/2")
        assert again.json() == made.json(), "what POST made is not what GET reads"
