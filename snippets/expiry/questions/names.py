# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0"]
# ///
# drivers: aiosqlite (it looks at names and never connects)
from sqlalchemy import exc
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import exc as orm_exc


# --8<-- [start:names]
def look() -> None:
    print(hasattr(exc, "GreenletSpawnError"))
    #> False
    print(hasattr(AsyncSession, "clear"), hasattr(AsyncSession, "expunge_all"))
    #> False True
    print([kind.__name__ for kind in exc.MissingGreenlet.__mro__[1:3]])
    #> ['InvalidRequestError', 'SQLAlchemyError']
    print([kind.__name__ for kind in orm_exc.DetachedInstanceError.__mro__[1:2]])
    #> ['SQLAlchemyError']
    print(issubclass(exc.StatementError, exc.MissingGreenlet))
    #> False


# --8<-- [end:names]


if __name__ == "__main__":
    look()
