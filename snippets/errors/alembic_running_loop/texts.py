# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "alembic", "aiosqlite"]
# ///
# drivers: aiosqlite (env.py fails before it connects)
import asyncio
import sys
import tempfile
import warnings
from pathlib import Path

from alembic import command
from alembic.config import Config

# --8<-- [start:texts]
WAYS = {
    "asyncio.run": "asyncio.run(migrate())",
    "asyncio.Runner": "asyncio.Runner().run(migrate())",
    "the running loop": "asyncio.get_event_loop().run_until_complete(migrate())",
    "a loop of its own": "asyncio.new_event_loop().run_until_complete(migrate())",
}


def upgrade(config: Config, env: Path) -> None:
    print("env.py uses | alembic, called in a coroutine")
    #> env.py uses | alembic, called in a coroutine
    for name, way in WAYS.items():
        env.write_text(f"import asyncio\n\nasync def migrate(): ...\n\n{way}\n")
        try:
            command.upgrade(config, "head")
        except RuntimeError as error:
            print(name, "|", error)
            #> asyncio.run | asyncio.run() cannot be called from a running event loop
            #> asyncio.Runner | Runner.run() cannot be called from a running event loop
            #> the running loop | This event loop is already running
            #> a loop of its own | Cannot run the event loop while another loop is running


# --8<-- [end:texts]


async def call_in_a_coroutine(folder: str) -> None:
    config = Config()
    config.set_main_option("script_location", folder)
    upgrade(config, Path(folder, "env.py"))


def main() -> None:
    warnings.simplefilter("ignore")
    sys.dont_write_bytecode = True  # env.py changes more than once a second, and keeps its length.
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "versions").mkdir()
        asyncio.run(call_in_a_coroutine(folder))


if __name__ == "__main__":
    main()
