# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.1", "psycopg[binary]"]
# ///
# drivers: psycopg (it is the one that SQLAlchemy 2.1 takes for postgresql://)
import subprocess
import sys

from sqlalchemy.ext.asyncio import create_async_engine

# --8<-- [start:urls]
CODE = """
from sqlalchemy.ext.asyncio import create_async_engine

create_async_engine("postgresql://db/shop")
"""


def on_sqlalchemy_2_0() -> str:
    packages = ["--with", "sqlalchemy[asyncio]==2.0.*", "--with", "psycopg2-binary"]
    environment = ["uv", "run", "--isolated", "--no-project", "--quiet", "--python", sys.executable]
    done = subprocess.run(
        [*environment, *packages, "python", "-c", CODE], capture_output=True, text=True
    )
    return done.stderr.strip().splitlines()[-1].split(": ")[-1]


def main() -> None:
    print("2.0:", on_sqlalchemy_2_0())
    #> 2.0: The asyncio extension requires an async driver to be used. The loaded 'psycopg2' is not async.
    print("2.1:", create_async_engine("postgresql://db/shop").dialect.driver)
    #> 2.1: psycopg


# --8<-- [end:urls]


if __name__ == "__main__":
    main()
