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
from typing import Annotated, Any

import httpx
from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError, ResponseValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from sqlalchemy import ForeignKey, String, func, select
from sqlalchemy.exc import DBAPIError, MissingGreenlet, StatementError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")
# On SQLAlchemy 2.1 a read that fails on aiosqlite leaves a coroutine behind.
warnings.filterwarnings("ignore", "coroutine .* was never awaited")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(50))
    hashed_password: Mapped[str]
    notes: Mapped[list["Note"]] = relationship()


class Note(Base):
    __tablename__ = "notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))


class UserCreate(BaseModel):
    name: str
    password: str


class UserOut(BaseModel):
    id: int
    name: str


def client_of(app: FastAPI) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test")


async def claim_none(engine: AsyncEngine) -> None:
    """An endpoint with `response_model=UserOut` that returns the `None` of `session.get()` does not answer 404: FastAPI raises `ResponseValidationError`."""
    app = FastAPI()

    @app.get("/users/{user_id}", response_model=UserOut)
    async def read_user(user_id: int) -> User | None:
        async with AsyncSession(engine) as session:
            return await session.get(User, user_id)

    error = None
    async with client_of(app) as client:
        try:
            await client.get("/users/1")
        except ResponseValidationError as raised:
            error = raised
    assert error is not None


async def claim_response(engine: AsyncEngine) -> None:
    """A `JSONResponse` that the endpoint itself returns is sent as it is. `response_model` does not filter it."""
    app = FastAPI()

    @app.get("/users/1", response_model=UserOut)
    async def read_user() -> JSONResponse:
        return JSONResponse({"id": 1, "name": "Ada", "hashed_password": "secret"})

    async with client_of(app) as client:
        assert "hashed_password" in (await client.get("/users/1")).json()


async def claim_annotation(engine: AsyncEngine) -> None:
    """The return annotation `-> UserOut` filters an ORM object as `response_model=UserOut` does."""
    app = FastAPI()

    @app.get("/users/1")
    async def read_user() -> UserOut:
        return User(id=1, name="Ada", hashed_password="secret")  # type: ignore[return-value]

    async with client_of(app) as client:
        assert (await client.get("/users/1")).json() == {"id": 1, "name": "Ada"}


async def claim_new_object(engine: AsyncEngine) -> None:
    """Of a new object, too, reading `user.notes` after the flush raises an error with `MissingGreenlet`, unless it was created with `notes=[]`."""
    error = None
    async with AsyncSession(engine) as session:
        ada = User(name="Ada", hashed_password="")
        grace = User(name="Grace", hashed_password="", notes=[])
        session.add_all([ada, grace])
        await session.flush()
        assert grace.notes == []
        try:
            _ = ada.notes
        except StatementError as raised:
            error = raised.orig
        except MissingGreenlet as raised:
            error = raised
    assert isinstance(error, MissingGreenlet)


async def claim_not_json(engine: AsyncEngine) -> None:
    """A body with `NaN` for an `int` gets a 500: the 422 repeats the input, and `NaN` cannot be sent as JSON. With a handler for `RequestValidationError` that leaves out `input`, it gets the 422."""

    class StockIn(BaseModel):
        stock: int

    async def set_stock(new: StockIn) -> None:
        pass

    async def without_input(_: Request, error: RequestValidationError) -> JSONResponse:
        said = [{key: one[key] for key in ("type", "loc", "msg")} for one in error.errors()]
        return JSONResponse({"detail": said}, status_code=422)

    statuses = []
    with_handler: dict[Any, Any] = {RequestValidationError: without_input}
    for handlers in {}, with_handler:
        app = FastAPI(exception_handlers=handlers)
        app.post("/stock")(set_stock)
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            headers = {"Content-Type": "application/json"}
            answer = await client.post("/stock", content='{"stock": NaN}', headers=headers)
            statuses.append(answer.status_code)
    assert statuses == [500, 422]


async def claim_echo(engine: AsyncEngine) -> None:
    """A 422 for a missing field repeats what the client sent, including the password."""
    app = FastAPI()

    @app.post("/users")
    async def create_user(new: UserCreate) -> None:
        pass

    async with client_of(app) as client:
        refused = await client.post("/users", json={"password": "correct horse"})
    assert refused.status_code == 422
    assert "correct horse" in refused.text


async def claim_unknown_field(engine: AsyncEngine) -> None:
    """`User(**new.model_dump())` raises `TypeError` if the schema has a field that the model does not have."""
    error = None
    try:
        User(**UserCreate(name="Ada", password="correct horse").model_dump())
    except TypeError as raised:
        error = raised
    assert error is not None and "'password' is an invalid keyword argument for User" in str(error)


async def claim_refused(engine: AsyncEngine) -> None:
    """A 422 for the body commits nothing that another dependency has added to the same session: the code after this `yield` does not run."""
    committed = []

    async def get_session() -> AsyncIterator[AsyncSession]:
        async with AsyncSession(engine) as session:
            yield session
            await session.commit()
            committed.append(True)

    session_dep = Depends(get_session, scope="function")

    async def visit(session: Annotated[AsyncSession, session_dep]) -> None:
        session.add(User(name="visitor", hashed_password=""))
        await session.flush()

    app = FastAPI()

    @app.post("/users", dependencies=[Depends(visit)])
    async def create_user(new: UserCreate) -> None:
        pass

    async with client_of(app) as client:
        refused = await client.post("/users", json={})
        assert refused.status_code == 422
        async with AsyncSession(engine) as session:
            assert await session.scalar(select(func.count(User.id))) == 0
        assert committed == []
        await client.post("/users", json={"name": "Ada", "password": "correct horse"})
        assert committed == [True]


async def claim_too_long(engine: AsyncEngine) -> None:
    """A name of 51 characters for a column `String(50)` raises `DBAPIError`, or a subclass of it."""
    error = None
    async with AsyncSession(engine) as session:
        session.add(User(name="x" * 51, hashed_password=""))
        try:
            await session.commit()
        except DBAPIError as raised:
            error = raised
    assert error is not None, "it is stored"


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
