# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "asyncpg", "psycopg[binary]", "fastapi>=0.121", "httpx"]
# ///
# drivers: asyncpg, psycopg (SQLite has no row-level security)
# needs: server
import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, TypedDict

import httpx
from fastapi import Depends, FastAPI, Header, HTTPException
from fastapi.requests import HTTPConnection
from sqlalchemy import Connection, event, make_url, text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, SessionTransaction, mapped_column
from starlette.types import Receive, Scope, Send

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs a PostgreSQL of its own with 12 connections: "
    "DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)
APP_URL = make_url(DATABASE_URL).set(username="app", password="app")


class Base(DeclarativeBase):
    pass


class Invoice(Base):
    __tablename__ = "invoices"

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant: Mapped[str] = mapped_column(server_default=text("current_setting('app.tenant')"))
    number: Mapped[str]


POLICY = (
    "CREATE ROLE app LOGIN PASSWORD 'app'",
    "GRANT USAGE ON SCHEMA public TO app",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON invoices TO app",
    "GRANT USAGE ON SEQUENCE invoices_id_seq TO app",
    "ALTER TABLE invoices ENABLE ROW LEVEL SECURITY",
    "CREATE POLICY own_rows ON invoices USING (tenant = nullif(current_setting('app.tenant', true), ''))",
)


async def set_up() -> None:
    """What your migrations do, as the owner of the tables."""
    engine = create_async_engine(DATABASE_URL)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
        for statement in POLICY:
            await connection.execute(text(statement))
        await connection.execute(text("INSERT INTO invoices (tenant, number) VALUES ('globex', 'G-1')"))
    await engine.dispose()


async def clean_up() -> None:
    engine = create_async_engine(DATABASE_URL)
    async with engine.begin() as connection:
        await connection.execute(text("DROP OWNED BY app"))
        await connection.execute(text("DROP ROLE app"))
    await engine.dispose()


SET_TENANT = text("SELECT set_config('app.tenant', :tenant, true)")


class TenantSession(Session):
    pass


@event.listens_for(TenantSession, "after_begin")
def set_tenant(session: Session, transaction: SessionTransaction, connection: Connection) -> None:
    connection.execute(SET_TENANT, {"tenant": session.info["tenant"]})




# --8<-- [start:dependency]
class State(TypedDict):
    session_factory: async_sessionmaker[AsyncSession]


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[State]:
    engine = create_async_engine(APP_URL)
    try:
        session_factory = async_sessionmaker(
            engine, sync_session_class=TenantSession, expire_on_commit=False, close_resets_only=False
        )
        yield {"session_factory": session_factory}
    finally:
        await engine.dispose()


TOKENS = {"token-of-acme": "acme", "token-of-globex": "globex"}


async def get_tenant(authorization: Annotated[str, Header()]) -> str:
    tenant = TOKENS.get(authorization.removeprefix("Bearer "))
    if tenant is None:
        raise HTTPException(401)
    return tenant


async def get_session(
    connection: HTTPConnection, tenant: Annotated[str, Depends(get_tenant)]
) -> AsyncIterator[AsyncSession]:
    async with connection.state.session_factory(info={"tenant": tenant}) as session:
        yield session
        await session.commit()


SessionDep = Annotated[AsyncSession, Depends(get_session, scope="function")]
# --8<-- [end:dependency]


app = FastAPI(lifespan=lifespan)


# --8<-- [start:endpoint]
@app.get("/invoices/{invoice_id}")
async def read_invoice(invoice_id: int, session: SessionDep) -> str:
    invoice = await session.get(Invoice, invoice_id)
    if invoice is None:
        raise HTTPException(404)
    return invoice.number


# --8<-- [end:endpoint]


async def main() -> None:
    await set_up()
    try:
        async with lifespan(app) as state:

            async def with_state(scope: Scope, receive: Receive, send: Send) -> None:
                await app({**scope, "state": dict(state)}, receive, send)

            transport = httpx.ASGITransport(with_state)
            # --8<-- [start:ask]
            async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
                for tenant in "globex", "acme", "nobody":
                    headers = {"Authorization": f"Bearer token-of-{tenant}"}
                    response = await client.get("/invoices/1", headers=headers)
                    print(f"{tenant}: {response.status_code} {response.text}")
                    #> globex: 200 "G-1"
                    #> acme: 404 {"detail":"Not Found"}
                    #> nobody: 401 {"detail":"Unauthorized"}
            # --8<-- [end:ask]
    finally:
        await clean_up()


if __name__ == "__main__":
    asyncio.run(main())
