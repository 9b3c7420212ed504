# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi>=0.121", "httpx",
# ]
# ///
import asyncio
import os
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Annotated, Any

import httpx
from fastapi import Depends, FastAPI, Header, HTTPException, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict
from sqlalchemy import event, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.orm.exc import StaleDataError

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    phone: Mapped[str | None]


class UserUpdate(BaseModel):
    name: str = ""
    phone: str | None = None


def updates_of(engine: AsyncEngine) -> list[str]:
    updates: list[str] = []

    @event.listens_for(engine.sync_engine, "before_cursor_execute")
    def remember(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("UPDATE"):
            updates.append(statement)

    return updates


async def add_ada(engine: AsyncEngine) -> None:
    async with AsyncSession(engine) as session:
        session.add(User(id=1, name="Ada", phone="555-0100"))
        await session.commit()


async def patch(engine: AsyncEngine, changes: dict[str, Any]) -> None:
    async with AsyncSession(engine) as session:
        user = await session.get_one(User, 1)
        for name, value in changes.items():
            setattr(user, name, value)
        await session.commit()


async def stored(engine: AsyncEngine) -> tuple[str, str | None]:
    async with AsyncSession(engine) as session:
        row = (await session.execute(select(User.name, User.phone))).one()
        return row.name, row.phone


def client_of(app: FastAPI) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test")


async def claim_no_update(engine: AsyncEngine) -> None:
    """A PATCH with `{}`, or with the values that the loaded object has already, sends no UPDATE."""
    await add_ada(engine)
    updates = updates_of(engine)
    for body in {}, {"name": "Ada", "phone": "555-0100"}:
        await patch(engine, UserUpdate(**body).model_dump(exclude_unset=True))
    assert updates == []
    await patch(engine, {"name": "Grace"})
    assert len(updates) == 1


async def claim_exclude_none(engine: AsyncEngine) -> None:
    """With `exclude_none=True` instead, a client cannot clear a field: after `{"phone": null}` the old number is still stored."""

    class AllOptional(BaseModel):
        name: str | None = None
        phone: str | None = None

    await add_ada(engine)
    await patch(engine, AllOptional(phone=None).model_dump(exclude_none=True))
    assert (await stored(engine)) == ("Ada", "555-0100")


async def claim_no_such_column(engine: AsyncEngine) -> None:
    """`setattr(user, "fone", value)`, for a field that the model does not have, raises nothing and stores nothing."""
    await add_ada(engine)
    updates = updates_of(engine)
    await patch(engine, {"fone": "555-0199"})
    assert updates == []
    assert (await stored(engine)) == ("Ada", "555-0100")


async def claim_forbid(engine: AsyncEngine) -> None:
    """With `extra="forbid"`, a body with `is_admin` is refused with a 422 if the schema has no such field. Without it, the field is ignored, with a 200."""

    class Strict(UserUpdate):
        model_config = ConfigDict(extra="forbid")

    app = FastAPI()

    @app.patch("/strict")
    async def patch_strict(changes: Strict) -> dict[str, Any]:
        return changes.model_dump(exclude_unset=True)

    @app.patch("/lax")
    async def patch_lax(changes: UserUpdate) -> dict[str, Any]:
        return changes.model_dump(exclude_unset=True)

    body = {"name": "Ada", "is_admin": True}
    async with client_of(app) as client:
        assert (await client.patch("/strict", json=body)).status_code == 422
        lax = await client.patch("/lax", json=body)
    assert (lax.status_code, lax.json()) == (200, {"name": "Ada"})


async def two_at_once(engine: AsyncEngine, one: dict[str, Any], other: dict[str, Any]) -> None:
    """Both sessions read the user before either writes."""
    async with AsyncSession(engine) as first, AsyncSession(engine) as second:
        for session in first, second:
            await session.get_one(User, 1)
        for session, changes in (first, one), (second, other):
            user = await session.get_one(User, 1)
            for name, value in changes.items():
                setattr(user, name, value)
            await session.commit()


async def claim_two_columns(engine: AsyncEngine) -> None:
    """Two requests read the same user. One commits a new name, then the other a new phone number. At the default isolation level, both changes are stored."""
    await add_ada(engine)
    await two_at_once(engine, {"name": "Grace"}, {"phone": "555-0199"})
    assert (await stored(engine)) == ("Grace", "555-0199")


async def claim_repeatable_read(engine: AsyncEngine) -> None:
    """At `REPEATABLE READ`, the second of these two requests raises `40001` instead, for another column as well."""
    assert engine.dialect.name == "postgresql", "SQLite has no REPEATABLE READ"
    await add_ada(engine)
    strict = engine.execution_options(isolation_level="REPEATABLE READ")
    code = None
    try:
        await two_at_once(strict, {"name": "Grace"}, {"phone": "555-0199"})
    except DBAPIError as raised:
        code = getattr(raised.orig, "sqlstate", None)
    assert code == "40001"


async def claim_one_column(engine: AsyncEngine) -> None:
    """If both change the name, neither gets an error, and the name of the second is stored."""
    await add_ada(engine)
    await two_at_once(engine, {"name": "Grace"}, {"name": "Edith"})
    assert (await stored(engine))[0] == "Edith"


async def claim_put_undoes(engine: AsyncEngine) -> None:
    """A PUT undoes a PATCH that came after its client had read the user: it writes the old name over the new one."""
    await add_ada(engine)
    read_before = await stored(engine)
    await patch(engine, {"name": "Grace"})
    await patch(engine, {"name": read_before[0], "phone": "555-0199"})
    assert (await stored(engine)) == ("Ada", "555-0199")


async def claim_put(engine: AsyncEngine) -> None:
    """A PUT whose schema requires every field answers 422 to a body with only one of them."""

    class UserReplace(BaseModel):
        name: str
        phone: str | None

    app = FastAPI()

    @app.put("/users/1")
    async def replace_user(new: UserReplace) -> None:
        await patch(engine, new.model_dump())

    await add_ada(engine)
    async with client_of(app) as client:
        assert (await client.put("/users/1", json={"phone": "555-0199"})).status_code == 422
        assert (await stored(engine)) == ("Ada", "555-0100")
        whole = {"name": "Ada", "phone": None}
        assert (await client.put("/users/1", json=whole)).status_code == 200
        assert (await stored(engine)) == ("Ada", None)


class Product(Base):
    __tablename__ = "products"

    id: Mapped[int] = mapped_column(primary_key=True)
    price: Mapped[int]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}


def if_match_app(engine: AsyncEngine, *, handler: bool) -> FastAPI:
    """Another request commits between the comparison with `If-Match` and the `UPDATE`."""
    app = FastAPI()

    async def get_session() -> AsyncIterator[AsyncSession]:
        async with AsyncSession(engine) as session:
            yield session
            await session.commit()

    @app.patch("/products/1")
    async def update_product(
        if_match: Annotated[str, Header()],
        session: Annotated[AsyncSession, Depends(get_session, scope="function")],
    ) -> None:
        product = await session.get_one(Product, 1)
        if if_match != f'"{product.version}"':
            raise HTTPException(412)
        async with AsyncSession(engine) as other:
            (await other.get_one(Product, 1)).price += 1
            await other.commit()
        product.price = 0

    if handler:

        @app.exception_handler(StaleDataError)
        async def changed(_: Request, error: StaleDataError) -> JSONResponse:
            return JSONResponse({"detail": "changed since you read it"}, status_code=412)

    return app


async def claim_stale_handler(engine: AsyncEngine) -> None:
    """If another request commits between the comparison with `If-Match` and the `UPDATE`, the client gets a 500, or a 412 if an exception handler for `StaleDataError` answers it."""
    async with AsyncSession(engine) as session:
        session.add(Product(id=1, price=900))
        await session.commit()
    statuses = []
    for handler, seen in (False, '"1"'), (True, '"2"'):
        transport = httpx.ASGITransport(if_match_app(engine, handler=handler), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            statuses.append((await client.patch("/products/1", headers={"If-Match": seen})).status_code)
    assert statuses == [500, 412]
    async with AsyncSession(engine) as session:
        assert await session.scalar(select(Product.price)) == 902


async def reason_against(claim: Callable[[AsyncEngine], Awaitable[None]]) -> str:
    """Why a claim does not hold here, or nothing."""
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        await claim(engine)
    except Exception as error:
        line = traceback.extract_tb(error.__traceback__)[-1].line
        return f"{type(error).__name__}: {str(error).partition(chr(10))[0] or line}"
    finally:
        await engine.dispose()
    return ""


async def main() -> None:
    for name, claim in list(globals().items()):
        if name.startswith("claim_"):
            sentence, against = " ".join(claim.__doc__.split()), await reason_against(claim)
            print(f"does not hold: {sentence} ({against})" if against else f"holds: {sentence}")
    engine = create_async_engine(DATABASE_URL)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)  # Out of the way of a file that has some of these tables.
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
