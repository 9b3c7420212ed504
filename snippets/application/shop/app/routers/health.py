"""For whoever starts, stops and routes: is the process alive, and can it answer?"""

from fastapi import APIRouter, HTTPException, Request

from app.database import check

router = APIRouter(tags=["health"])


@router.get("/livez")
async def alive() -> str:
    """Asks nobody: a restart of this process does not heal a database."""
    return "alive"


@router.get("/readyz")
async def ready(request: Request) -> str:
    try:
        await check(request.state.database.probe, within=2)
    except Exception as error:
        raise HTTPException(503, f"the database cannot be used: {type(error).__name__}") from error
    return "ready"
