"""The engine, the sessions, and the base of all models."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends
from fastapi.requests import HTTPConnection
from sqlalchemy import DateTime, MetaData, NullPool, event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import DeclarativeBase

from app.settings import Settings


class Base(DeclarativeBase):
    # With names of its own, Alembic can drop a constraint, and an error can be told by its name.
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: DateTime(timezone=True)}  # noqa: RUF012


class OutcomeUnknownError(Exception):
    """The connection was lost during the commit: the database may have stored all, or nothing."""


@dataclass(frozen=True)
class Database:
    """What lives as long as the application."""

    engine: AsyncEngine
    session_factory: async_sessionmaker[AsyncSession]
    probe: AsyncEngine
    """For readiness: has a connection of its own, so that a full pool is no dead database."""


@asynccontextmanager
async def open_database(settings: Settings) -> AsyncIterator[Database]:
    engine = make_engine(
        settings,
        pool_size=settings.pool_size,
        max_overflow=0,
        pool_timeout=settings.pool_timeout,
        pool_pre_ping=True,
    )
    probe = make_engine(settings, poolclass=NullPool)
    try:
        await check(probe)
        yield Database(engine, make_session_factory(engine), probe)
    finally:
        await engine.dispose()


def make_engine(settings: Settings, **pool: Any) -> AsyncEngine:
    url = settings.database_url
    limits = {
        "application_name": "shop",
        "statement_timeout": settings.statement_timeout,
        "idle_in_transaction_session_timeout": "30s",
    }
    connect_args: dict[str, Any] = {}
    if url.drivername == "postgresql+asyncpg":
        connect_args = {"timeout": 5, "server_settings": limits}
    elif url.drivername == "postgresql+psycopg":
        options = " ".join(f"-c {name}={value}" for name, value in limits.items())
        connect_args = {"connect_timeout": 5, "options": options}
    engine = create_async_engine(url, hide_parameters=True, connect_args=connect_args, **pool)
    _name_what_cannot_connect(engine)
    if engine.dialect.name == "sqlite":
        _as_postgresql_does(engine)
    return engine


def _name_what_cannot_connect(engine: AsyncEngine) -> None:
    """asyncpg raises an OSError or a plain Error there, psycopg its own: one name for all."""

    @event.listens_for(engine.sync_engine, "do_connect")
    def connect(dialect: Any, _record: Any, arguments: Any, options: Any) -> Any:
        try:
            return dialect.connect(*arguments, **options)
        except (OSError, dialect.dbapi.Error) as error:
            raise dialect.dbapi.OperationalError(f"cannot connect: {error!r}") from error


def make_session_factory(bind: Any, **options: Any) -> async_sessionmaker[AsyncSession]:
    """One place for the sessions' settings: the tests use it too."""
    return async_sessionmaker(bind, expire_on_commit=False, close_resets_only=False, **options)


async def get_session(connection: HTTPConnection) -> AsyncIterator[AsyncSession]:
    async with connection.state.session_factory() as session:
        yield session
        try:
            await session.commit()
        except DBAPIError as error:
            if error.connection_invalidated:
                raise OutcomeUnknownError from error
            raise


# Function scope: the commit comes before the response, and an error of the commit is answered.
SessionDep = Annotated[AsyncSession, Depends(get_session, scope="function")]


async def check(engine: AsyncEngine, within: float = 5) -> None:
    """Raise, after that many seconds at the latest, if the database cannot be used."""
    asking = asyncio.create_task(_ask(engine))
    try:
        await asyncio.wait([asking], timeout=within)
    finally:
        asking.cancel()  # Not awaited: a driver may take longer to give up.
    if not asking.done():
        raise TimeoutError(f"no answer from the database within {within:g} seconds")
    await asking


async def _ask(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        await connection.execute(text("SELECT 1"))


def _as_postgresql_does(engine: AsyncEngine) -> None:
    """For tests on SQLite: foreign keys are checked, and a savepoint belongs to a transaction."""

    @event.listens_for(engine.sync_engine, "connect")
    def connect(dbapi_connection: Any, _record: Any) -> None:
        dbapi_connection.isolation_level = None
        cursor = dbapi_connection.cursor()
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN")
