# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi>=0.121", "httpx",
# ]
# ///
import asyncio
import os
import traceback
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Annotated

import httpx
from fastapi import Depends, FastAPI, Request
from fastapi.responses import JSONResponse
from sqlalchemy import ForeignKey, delete, func, insert, select
from sqlalchemy.exc import IntegrityError, SAWarning
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str | None] = mapped_column(unique=True)
    orders: Mapped[list["Order"]] = relationship(cascade="all, delete-orphan")


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))


async def add_user(engine: AsyncEngine, orders: int = 0) -> None:
    async with AsyncSession(engine) as session:
        session.add(User(id=1, orders=[Order() for _ in range(orders)]))
        await session.commit()


async def claim_two_deletes(engine: AsyncEngine) -> None:
    """At the default isolation level, if two sessions read the user before either deletes it, neither gets an error. The second flush emits the `SAWarning` "expected to delete 1 row(s); 0 were matched"."""
    await add_user(engine)
    async with AsyncSession(engine) as first, AsyncSession(engine) as second:
        users = [await session.get_one(User, 1) for session in (first, second)]
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", SAWarning)
            for session, user in zip((first, second), users, strict=True):
                await session.delete(user)
                await session.commit()
        assert [w.category for w in caught] == [SAWarning]
        assert "expected to delete 1 row(s); 0 were matched" in str(caught[0].message)


async def claim_two_statements(engine: AsyncEngine) -> None:
    """With `delete().returning()`, the second of two such sessions gets `None`, so its request can answer 404."""
    await add_user(engine)
    one = delete(User).where(User.id == 1).returning(User.id)
    async with AsyncSession(engine) as first, AsyncSession(engine) as second:
        for session in first, second:
            await session.get_one(User, 1)
        assert await first.scalar(one) == 1
        await first.commit()
        assert await second.scalar(one) is None


async def claim_get_after(engine: AsyncEngine) -> None:
    """After `delete().where()` through the session, `session.get()` for a user that was loaded before returns `None`."""
    await add_user(engine)
    async with AsyncSession(engine) as session:
        await session.get_one(User, 1)
        await session.execute(delete(User).where(User.id == 1))
        assert await session.get(User, 1) is None


async def claim_not_synchronized(engine: AsyncEngine) -> None:
    """With `synchronize_session=False`, it still returns the loaded object after the row is gone. With `expire_on_commit=False` it does so after the commit, too."""
    await add_user(engine)
    async with AsyncSession(engine, expire_on_commit=False) as session:
        user = await session.get_one(User, 1)
        gone = delete(User).where(User.id == 1)
        await session.execute(gone, execution_options={"synchronize_session": False})
        assert await session.get(User, 1) is user
        await session.commit()
        assert await session.get(User, 1) is user
        assert await session.scalar(select(func.count(User.id))) == 0


async def claim_no_cascade(engine: AsyncEngine) -> None:
    """`delete(User)` does not apply the `cascade` of a relationship: for a user with two orders, the foreign key refuses the statement."""
    await add_user(engine, orders=2)
    error, left = None, None
    async with AsyncSession(engine) as session:
        try:
            await session.execute(delete(User).where(User.id == 1))
            left = await session.scalar(select(func.count(Order.id)))
        except IntegrityError as raised:
            error = raised
    assert error is not None, f"the user is gone, and {left} orders are left"


async def claim_no_body(engine: AsyncEngine) -> None:
    """With `status_code=204` the response has no body, also if the endpoint returns a dict. A `JSONResponse` that it returns is sent with its own status and body."""
    app = FastAPI()

    @app.delete("/users/1", status_code=204, response_model=None)
    async def delete_user() -> dict[str, int]:
        return {"id": 1}

    @app.delete("/users/2", status_code=204)
    async def delete_other() -> JSONResponse:
        return JSONResponse({"id": 2})

    async with client_of(app) as client:
        deleted = await client.delete("/users/1")
        own = await client.delete("/users/2")
    assert (deleted.status_code, deleted.content) == (204, b"")
    assert (own.status_code, own.json()) == (200, {"id": 2})


async def claim_raised_again(engine: AsyncEngine) -> None:
    """If the handler raises the error again, the client gets a 500."""
    app = FastAPI()

    @app.post("/orders")
    async def create_order() -> None:
        async with AsyncSession(engine) as session:
            await session.execute(insert(Order).values(id=1, user_id=None))

    @app.exception_handler(IntegrityError)
    async def conflict(_: Request, error: IntegrityError) -> JSONResponse:
        raise error

    async with client_of(app) as client:
        assert (await client.post("/orders")).status_code == 500


async def claim_two_handlers(engine: AsyncEngine) -> None:
    """A second `@app.exception_handler(IntegrityError)` replaces the first, without a warning."""
    app = FastAPI()

    @app.exception_handler(IntegrityError)
    async def duplicate(_: Request, error: IntegrityError) -> JSONResponse:
        return JSONResponse({"detail": "already exists"}, status_code=409)

    @app.exception_handler(IntegrityError)
    async def in_use(_: Request, error: IntegrityError) -> JSONResponse:
        return JSONResponse({"detail": "still in use"}, status_code=409)

    @app.post("/orders")
    async def create_order() -> None:
        async with AsyncSession(engine) as session:
            await session.execute(insert(Order).values(id=1, user_id=None))

    async with client_of(app) as client:
        assert (await client.post("/orders")).json() == {"detail": "still in use"}


async def claim_patch(engine: AsyncEngine) -> None:
    """A PATCH that sets an address that another user has gets the 409 of the handler. Its endpoint does not flush: the error is that of the commit in the dependency."""
    app = FastAPI()

    async def get_session() -> AsyncIterator[AsyncSession]:
        async with AsyncSession(engine) as session:
            yield session
            await session.commit()

    session_dep = Depends(get_session, scope="function")

    @app.patch("/users/{user_id}")
    async def update(
        user_id: int, email: str, session: Annotated[AsyncSession, session_dep]
    ) -> None:
        (await session.get_one(User, user_id)).email = email

    @app.exception_handler(IntegrityError)
    async def conflict(_: Request, error: IntegrityError) -> JSONResponse:
        return JSONResponse({"detail": "already exists"}, status_code=409)

    async with AsyncSession(engine) as session:
        session.add_all([User(id=1, email="ada@example.org"), User(id=2)])
        await session.commit()
    async with client_of(app) as client:
        assert (await client.patch("/users/2?email=grace@example.org")).status_code == 200
        assert (await client.patch("/users/2?email=ada@example.org")).status_code == 409


async def claim_missing_parent(engine: AsyncEngine) -> None:
    """An INSERT of an order for a user that does not exist raises an `IntegrityError` with the code `23503` as well."""
    code = None
    async with AsyncSession(engine) as session:
        try:
            await session.execute(insert(Order).values(id=1, user_id=99))
        except IntegrityError as raised:
            code = getattr(raised.orig, "sqlstate", None)
    assert code == "23503", "the order is stored"


def client_of(app: FastAPI) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://test")


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
