"""Each revision goes up, down and up again; and at the end the tables are those of the models."""

from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, NullPool
from sqlalchemy.ext.asyncio import AsyncConnection

from app.database import Database, make_engine
from app.settings import Settings
from tests.conftest import alembic_config


def _stairs(connection: Connection) -> None:
    config = alembic_config(connection)
    revisions = list(ScriptDirectory.from_config(config).walk_revisions())
    command.downgrade(config, "base")
    for revision in reversed(revisions):
        command.upgrade(config, revision.revision)
        command.downgrade(config, "-1")
        command.upgrade(config, revision.revision)
    command.check(config)


async def test_up_down_up(database: Database, settings: Settings) -> None:
    engine = make_engine(settings, poolclass=NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(_stairs)
    await engine.dispose()


async def test_one_head(connection: AsyncConnection) -> None:
    def heads(sync: Connection) -> list[str]:
        return list(ScriptDirectory.from_config(alembic_config(sync)).get_heads())

    assert len(await connection.run_sync(heads)) == 1
