# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi", "httpx"]
# ///
# also: fastapi==0.121.*
import asyncio
import os
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
from fastapi import Depends, FastAPI, Security
from fastapi.security import APIKeyHeader, SecurityScopes
from sqlalchemy import func, select
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.pool import QueuePool

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")
api_key = APIKeyHeader(name="X-Key", auto_error=False)


async def no_tenant() -> None:
    pass


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)


async def sessions_seen(
    engine: AsyncEngine,
    sub_dependency: Callable[[Callable[..., object]], object],
    tenant: Callable[..., object] = no_tenant,
) -> int:
    """How many sessions an endpoint and one of its dependencies get, if both ask for the session."""
    app, seen = FastAPI(), []

    key = Depends(tenant)

    async def get_session(tenant: str | None = key) -> AsyncIterator[AsyncSession]:
        async with AsyncSession(engine) as session:
            yield session

    shared = Depends(get_session)

    async def current_user(scopes: SecurityScopes, session: AsyncSession = shared) -> None:
        seen.append(session)

    user = sub_dependency(current_user)

    @app.get("/")
    async def endpoint(user: object = user, session: AsyncSession = shared) -> None:
        seen.append(session)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        assert (await client.get("/")).status_code == 200
    return len({id(session) for session in seen})


async def claim_security_scopes(engine: AsyncEngine) -> None:
    """A dependency of `Security(…, scopes=[…])` that asks for the session gets one of its own."""
    seen = await sessions_seen(engine, lambda user: Security(user, scopes=["read"]))
    assert seen == 2, "both get the same session"


async def claim_security_scheme(engine: AsyncEngine) -> None:
    """A dependency of `Security(…, scopes=[…])` gets a session of its own if `get_session` depends on a security
    scheme, to find the tenant of a key for instance."""
    assert await sessions_seen(engine, lambda user: Security(user, scopes=["read"]), api_key) == 2


async def claim_depends(engine: AsyncEngine) -> None:
    """With `Depends(…)`, or `Security(…)` without scopes, and the same scope, a dependency that asks for the session gets
    that of the endpoint."""
    assert await sessions_seen(engine, Depends) == 1
    assert await sessions_seen(engine, Security) == 1


async def claim_one_after_the_other(engine: AsyncEngine) -> None:
    """FastAPI awaits the dependencies of an endpoint one after the other, not at the same time."""
    app, seen = FastAPI(), []

    async def first() -> None:
        seen.append("first begins")
        await asyncio.sleep(0)
        seen.append("first ends")

    async def second() -> None:
        seen.append("second begins")
        await asyncio.sleep(0)
        seen.append("second ends")

    @app.get("/", dependencies=[Depends(first), Depends(second)])
    async def endpoint() -> None:
        pass

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        await client.get("/")
    assert seen == ["first begins", "first ends", "second begins", "second ends"]


async def claim_expired_is_read_again(engine: AsyncEngine) -> None:
    """`get()` sends a `SELECT` for an object that a commit has expired, though the session has it."""
    async with AsyncSession(engine) as session:
        user = User(id=1)
        session.add(user)
        await session.commit()
        assert await session.get(User, 1) is user
        assert session.in_transaction()
        await session.rollback()
    async with AsyncSession(engine, expire_on_commit=False) as session:
        user = await session.get_one(User, 1)
        await session.commit()
        assert await session.get(User, 1) is user
        assert not session.in_transaction()


async def claim_gives_it_back(engine: AsyncEngine) -> None:
    """A session that has read a row holds a connection. A `commit()`, a `rollback()` and the end of its
    `async with` block each give it back to the pool."""
    pool = engine.pool
    assert isinstance(pool, QueuePool)
    async with AsyncSession(engine) as session:
        assert pool.checkedout() == 0
        await session.scalars(select(User))
        assert pool.checkedout() == 1
        await session.commit()
        assert pool.checkedout() == 0
        await session.scalars(select(User))
        await session.rollback()
        assert pool.checkedout() == 0
        await session.scalars(select(User))
        assert pool.checkedout() == 1
    assert pool.checkedout() == 0


async def claim_second_session(engine: AsyncEngine) -> None:
    """At the default isolation level, a second session does not see what the first has flushed and not committed,
    unless both share one connection, as on SQLite in memory."""
    async with AsyncSession(engine) as first, AsyncSession(engine) as second:
        first.add(User(id=1))
        await first.flush()
        assert await second.scalar(select(func.count()).select_from(User)) == 0
    memory = create_async_engine("sqlite+aiosqlite://")
    async with memory.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with AsyncSession(memory) as first, AsyncSession(memory) as second:
        first.add(User(id=1))
        await first.flush()
        seen = await second.scalar(select(func.count()).select_from(User))
    await memory.dispose()
    assert seen == 1


async def claim_all_hold_one(engine: AsyncEngine) -> None:
    """If each connection of the pool is held by a request that waits for a second one, all wait until the
    `pool_timeout` of one of them ends."""
    small = create_async_engine(engine.url, pool_size=2, max_overflow=0, pool_timeout=0.5)
    both_hold_one = asyncio.Barrier(2)

    async def request() -> None:
        async with AsyncSession(small) as first, AsyncSession(small) as second:
            await first.connection()
            await both_hold_one.wait()
            await second.connection()

    ends = await asyncio.gather(request(), request(), return_exceptions=True)
    await small.dispose()
    assert PoolTimeoutError in [type(end) for end in ends]


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
