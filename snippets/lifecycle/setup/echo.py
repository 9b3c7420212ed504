# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import logging
import os

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Account(Base):
    __tablename__ = "accounts"

    email: Mapped[str] = mapped_column(primary_key=True)
    password_hash: Mapped[str]


class Lines(logging.Handler):
    """What would stand in your log."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""

    def emit(self, record: logging.LogRecord) -> None:
        self.text += record.getMessage() + "\n"


async def main() -> None:
    log = Lines()
    logging.getLogger("sqlalchemy.engine").addHandler(log)
    # --8<-- [start:engine]
    engine = create_async_engine(
        DATABASE_URL,
        echo=True,
        hide_parameters=True,
    )
    # --8<-- [end:engine]
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        # --8<-- [start:insert]
        async with AsyncSession(engine) as session:
            session.add(Account(email="ada@example.org", password_hash="s3cret"))
            await session.commit()
            session.add(Account(email="ada@example.org", password_hash="s3cret"))
            try:
                await session.commit()
            except IntegrityError as error:
                print("secret in the error:", "s3cret" in str(error))
                #> secret in the error: False
        print("secret in the log:", "s3cret" in log.text)
        #> secret in the log: False
        assert "s3cret" not in log.text, "the log holds the secret"
        # --8<-- [end:insert]
    finally:
        logging.getLogger("sqlalchemy.engine").removeHandler(log)
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
