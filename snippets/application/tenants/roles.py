# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite has no row-level security)
# needs: server
import asyncio
import os
import sys

from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs a PostgreSQL of its own with 12 connections: "
    "DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)

# --8<-- [start:tables]
SET_UP = (
    "CREATE ROLE owner LOGIN PASSWORD 'app'",
    "CREATE ROLE app LOGIN PASSWORD 'app'",
    "CREATE ROLE reports LOGIN PASSWORD 'app' BYPASSRLS",
    "GRANT USAGE ON SCHEMA public TO owner, app, reports",
    "CREATE TABLE invoices (id int, tenant text)",
    "INSERT INTO invoices VALUES (1, 'acme'), (2, 'globex')",
    "CREATE VIEW open_invoices AS SELECT * FROM invoices",
    "CREATE VIEW invoker_invoices WITH (security_invoker) AS SELECT * FROM invoices",
    "ALTER TABLE invoices OWNER TO owner",
    "ALTER VIEW open_invoices OWNER TO owner",
    "ALTER VIEW invoker_invoices OWNER TO owner",
    "GRANT SELECT ON invoices, open_invoices, invoker_invoices TO app, reports",
    "ALTER TABLE invoices ENABLE ROW LEVEL SECURITY",
    "CREATE POLICY own_rows ON invoices USING (tenant = nullif(current_setting('app.tenant', true), ''))",
)
FORCE = "ALTER TABLE invoices FORCE ROW LEVEL SECURITY"
# --8<-- [end:tables]
CLEAN_UP = (
    "DROP VIEW IF EXISTS open_invoices, invoker_invoices",
    "DROP TABLE IF EXISTS invoices",
    "DROP OWNED BY owner, app, reports",
    "DROP ROLE owner, app, reports",
)


async def administer(*statements: str) -> None:
    engine = create_async_engine(DATABASE_URL)
    async with engine.begin() as connection:
        for statement in statements:
            await connection.execute(text(statement))
    await engine.dispose()


async def seen(role: str | None, table: str = "invoices") -> int:
    url = make_url(DATABASE_URL)
    engine = create_async_engine(url.set(username=role, password="app") if role else url)
    async with engine.connect() as connection:
        count = await connection.scalar(text(f"SELECT count(*) FROM {table}"))
    await engine.dispose()
    return count or 0


async def main() -> None:
    await administer("DROP TABLE IF EXISTS invoices", *SET_UP)
    try:
        without = [await seen(role) for role in (None, "owner", "reports", "app")]
        views = [await seen("app", view) for view in ("open_invoices", "invoker_invoices")]
        await administer(FORCE)
        forced = [await seen(role) for role in (None, "owner", "reports", "app")]
        views_forced = [await seen("app", view) for view in ("open_invoices", "invoker_invoices")]
    finally:
        await administer(*CLEAN_UP)
    # --8<-- [start:table]
    names = ("a superuser", "the owner of the table", "a role with BYPASSRLS", "another role")
    kinds = ("another role, through the owner's view", "another role, through a view with security_invoker")
    print("Rows of both tenants, seen without a tenant by | ENABLE | and FORCE")
    #> Rows of both tenants, seen without a tenant by | ENABLE | and FORCE
    for who, enabled, force in zip(names + kinds, without + views, forced + views_forced, strict=True):
        print(f"{who} | {enabled} | {force}")
        #> a superuser | 2 | 2
        #> the owner of the table | 2 | 0
        #> a role with BYPASSRLS | 2 | 2
        #> another role | 0 | 0
        #> another role, through the owner's view | 2 | 0
        #> another role, through a view with security_invoker | 0 | 0
    # --8<-- [end:table]


if __name__ == "__main__":
    asyncio.run(main())
