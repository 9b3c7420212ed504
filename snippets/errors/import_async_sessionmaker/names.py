# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite"]
# ///
# drivers: aiosqlite (what differs is what can be imported)
import subprocess

NAMES = {
    "sqlalchemy.ext.asyncio": [
        "create_async_engine",
        "AsyncSession",
        "async_scoped_session",
        "async_sessionmaker",
        "AsyncAttrs",
    ],
    "sqlalchemy.orm": ["DeclarativeBase", "Mapped", "mapped_column", "MappedAsDataclass"],
}
LOOK = f"""
from importlib import import_module
for module, names in {NAMES}.items():
    for name in names:
        print(hasattr(import_module(module), name))
"""
LINES = "1.4", "2.0", "2.1"


def found(line: str) -> list[str]:
    command = ["uv", "run", "--isolated", "--no-project", "--with", f"sqlalchemy[asyncio]=={line}.*"]
    done = subprocess.run([*command, "python", "-c", LOOK], capture_output=True, text=True, check=True)
    return ["yes" if word == "True" else "no" for word in done.stdout.split()]


columns = zip(*[found(line) for line in LINES], strict=True)
rows = [f"`{name}` from `{module}`" for module, names in NAMES.items() for name in names]
# --8<-- [start:table]
print("import | 1.4 | 2.0 | 2.1")
#> import | 1.4 | 2.0 | 2.1
for row, cells in zip(rows, columns, strict=True):
    print(f"{row} | {' | '.join(cells)}")
    #> `create_async_engine` from `sqlalchemy.ext.asyncio` | yes | yes | yes
    #> `AsyncSession` from `sqlalchemy.ext.asyncio` | yes | yes | yes
    #> `async_scoped_session` from `sqlalchemy.ext.asyncio` | yes | yes | yes
    #> `async_sessionmaker` from `sqlalchemy.ext.asyncio` | no | yes | yes
    #> `AsyncAttrs` from `sqlalchemy.ext.asyncio` | no | yes | yes
    #> `DeclarativeBase` from `sqlalchemy.orm` | no | yes | yes
    #> `Mapped` from `sqlalchemy.orm` | yes | yes | yes
    #> `mapped_column` from `sqlalchemy.orm` | no | yes | yes
    #> `MappedAsDataclass` from `sqlalchemy.orm` | no | yes | yes
# --8<-- [end:table]
