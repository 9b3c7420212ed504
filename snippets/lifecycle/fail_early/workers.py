# /// script
# requires-python = ">=3.11"
# dependencies = ["fastapi", "uvicorn"]
# ///
# drivers: aiosqlite (no database is involved)
import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    raise ConnectionRefusedError("no database")
    yield


app = FastAPI(lifespan=lifespan)


# --8<-- [start:workers]
async def exit_code(*options: str) -> int:
    here = Path(__file__)
    command = [sys.executable, "-m", "uvicorn", f"{here.stem}:app", f"--app-dir={here.parent}"]
    process = await asyncio.create_subprocess_exec(
        *command, "--port=0", *options, stderr=asyncio.subprocess.DEVNULL
    )
    return await process.wait()


# --8<-- [end:workers]


async def main() -> None:
    # --8<-- [start:print]
    print("one process:", await exit_code())
    #> one process: 3
    print("--workers=2:", await exit_code("--workers=2"))
    #> --workers=2: 0
    # --8<-- [end:print]


if __name__ == "__main__":
    asyncio.run(main())
