# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg"]
# ///
# drivers: asyncpg (the two others survive a second loop)
# silent: the client gets a 500; the traceback is in Flask's log
import os
import subprocess
import sys

if "DATABASE_URL" not in os.environ:
    sys.exit("needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test")

# --8<-- [start:app]
APPLICATION = """
import os
from flask import Flask
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

engine = create_async_engine(os.environ["DATABASE_URL"])
app = Flask(__name__)

@app.get("/health")
async def health():
    async with engine.connect() as connection:
        return str((await connection.execute(text("SELECT 1"))).scalar_one())

client = app.test_client()
print(client.get("/health").status_code)
print(client.get("/health").status_code)
"""
# --8<-- [end:app]

# --8<-- [start:run]
command = ["uv", "run", "--isolated", "--no-project", "--with", "flask[async]==3.*"]
command += ["--with", "sqlalchemy[asyncio]==2.1.*", "--with", "asyncpg==0.32.*"]
done = subprocess.run([*command, "python", "-c", APPLICATION], capture_output=True, text=True)
print(*done.stdout.split())
#> 200 500
print("attached to a different loop" in done.stderr)
#> True
# --8<-- [end:run]
