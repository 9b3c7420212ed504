# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
from typing import Any

from sqlalchemy import JSON, null, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


# --8<-- [start:model]
class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    settings: Mapped[dict[str, Any] | None] = mapped_column(
        JSONB().with_variant(JSON(), "sqlite")
    )
    extra: Mapped[dict[str, Any] | None] = mapped_column(
        JSONB(none_as_null=True).with_variant(JSON(none_as_null=True), "sqlite")
    )


# --8<-- [end:model]

VALUES: dict[str, dict[str, Any]] = {
    "no value": {},
    "`None`": {"settings": None, "extra": None},
    "`null()`": {"settings": null(), "extra": null()},
    "`JSON.NULL`": {"settings": JSON.NULL, "extra": JSON.NULL},
}


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    session_factory = async_sessionmaker(engine, expire_on_commit=False)

    async def stored(values: dict[str, Any], column: InstrumentedAttribute[Any]) -> str:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        async with session_factory.begin() as session:
            session.add(User(id=1, **values))
        async with session_factory() as session:
            found = await session.scalar(select(User.id).where(column.is_(None)))
            kind = "jsonb_typeof" if engine.dialect.name == "postgresql" else "json_type"
            json_type = await session.scalar(text(f"SELECT {kind}({column.key}) FROM users"))
        return f"{f'JSON {json_type}' if json_type else 'SQL NULL'} | {'yes' if found else 'no'}"

    try:
        # --8<-- [start:table]
        print("value | stored | found by `.is_(None)` | with `none_as_null` | found")
        #> value | stored | found by `.is_(None)` | with `none_as_null` | found
        for name, values in VALUES.items():
            settings = await stored(values, User.settings)
            extra = await stored(values, User.extra)
            print(f"{name} | {settings} | {extra}")
            #> no value | SQL NULL | yes | SQL NULL | yes
            #> `None` | JSON null | no | SQL NULL | yes
            #> `null()` | SQL NULL | yes | SQL NULL | yes
            #> `JSON.NULL` | JSON null | no | JSON null | no
        # --8<-- [end:table]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
