# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0"]
# ///
# raises: AssertionError
# drivers: asyncpg (in an environment of its own)
import subprocess
import sys

# --8<-- [start:install]
PACKAGES = ["sqlalchemy[asyncio]"]
# --8<-- [end:install]

CODE = """
from sqlalchemy.ext.asyncio import create_async_engine

print(create_async_engine("postgresql+asyncpg://db/shop").dialect.driver)
"""


# --8<-- [start:run]
def main() -> None:
    environment = ["uv", "run", "--isolated", "--no-project", "--quiet", "--python", sys.executable]
    packages = [word for package in PACKAGES for word in ("--with", package)]
    done = subprocess.run(
        [*environment, *packages, "python", "-c", CODE], capture_output=True, text=True
    )
    print((done.stdout or done.stderr).strip().splitlines()[-1])
    #> ModuleNotFoundError: No module named 'asyncpg'
    assert done.returncode == 0


# --8<-- [end:run]


if __name__ == "__main__":
    main()
