# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.1.0b1", "aiosqlite"]
# ///
# drivers: aiosqlite (the URL is SQLite's)
import warnings

from sqlalchemy.ext.asyncio import create_async_engine

# --8<-- [start:warning]
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    create_async_engine("sqlite+aiosqlite:///file:app?mode=memory&cache=shared&uri=true")
for warning in caught:
    print(str(warning.message).partition(";")[0])
    #> Selection of the StaticPool pool class based on the 'mode=memory' query string argument is deprecated
# --8<-- [end:warning]
