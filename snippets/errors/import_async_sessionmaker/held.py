# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite"]
# ///
# drivers: aiosqlite (what differs is what can be imported)
import subprocess

# --8<-- [start:ask]
ASK = r"""
import re
from importlib.metadata import distributions, version

print("installed:", version("sqlalchemy"))
for package in distributions():
    for need in package.requires or ():
        if re.match(r"sqlalchemy(?![\w-])", need, re.IGNORECASE):
            print(package.metadata["Name"], "wants", need)
"""
# --8<-- [end:ask]

# --8<-- [start:run]
command = ["uv", "run", "--isolated", "--no-project", "--with", "sqlmodel==0.0.8", "python", "-c", ASK]
finished = subprocess.run(command, capture_output=True, text=True, check=True)
for line in finished.stdout.splitlines():
    print(line)
    #> installed: 1.4.41
    #> sqlmodel wants SQLAlchemy (>=1.4.17,<=1.4.41)
# --8<-- [end:run]
