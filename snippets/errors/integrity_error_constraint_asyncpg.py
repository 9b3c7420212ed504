# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg (psycopg: see integrity_error_constraint_psycopg; SQLite has no names)
import asyncio
import os

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)


# --8<-- [start:constraint]
def constraint(error: IntegrityError) -> str | None:
    details = getattr(error.orig, "driver_exception", None)
    return getattr(details, "constraint_name", None)


# --8<-- [end:constraint]


async def main() -> None:
    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db"))
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        # --8<-- [start:call]
        try:
            async with async_sessionmaker(engine).begin() as session:
                session.add_all([User(email="ada@example.org"), User(email="ada@example.org")])
        except IntegrityError as error:
            print(constraint(error))
            #> users_email_key
        # --8<-- [end:call]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
