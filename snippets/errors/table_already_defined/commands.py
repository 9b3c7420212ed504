# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "uvicorn", "pytest"]
# ///
# drivers: aiosqlite (it fails at import, before any database is asked)
import os
import subprocess
import sys
import tempfile
from pathlib import Path

# --8<-- [start:main]
MAIN = """
import importlib

for name in "shop.models", "models":
    try:
        importlib.import_module(name)
    except Exception as error:
        print("result:", type(error).__name__)
    else:
        print("result:", "works")
"""
# --8<-- [end:main]
FILES = {
    "shop/database.py": "from sqlalchemy.orm import DeclarativeBase\nclass Base(DeclarativeBase): pass\n",
    "shop/models.py": """
from sqlalchemy.orm import Mapped, mapped_column
from shop.database import Base

class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
""",
    "shop/main.py": MAIN,
    "shop/test_orders.py": MAIN,
}
COMMANDS = [
    "python shop/main.py",
    "python -m shop.main",
    "PYTHONPATH=. python shop/main.py",
    "uvicorn shop.main:app",
    "PYTHONPATH=. uvicorn --app-dir shop main:app",
    "python -m pytest -s shop",
    "python -m pytest -s --import-mode=importlib shop",
]


def results(command: str, folder: str) -> list[str]:
    """What the two imports did."""
    python, variables = Path(sys.executable).parent, dict(os.environ)
    variables.pop("PYTHONPATH", None)
    variables["PATH"] = f"{python}{os.pathsep}{variables['PATH']}"
    done = subprocess.run(
        command, shell=True, cwd=folder, env=variables, capture_output=True, text=True, check=False
    )
    return [line.rpartition("result: ")[2] for line in done.stdout.splitlines() if "result: " in line]


with tempfile.TemporaryDirectory() as folder:
    Path(folder, "shop").mkdir()
    for name, text in FILES.items():
        Path(folder, name).write_text(text)
    # --8<-- [start:table]
    print("command | `import shop.models` | then `import models`")
    #> command | `import shop.models` | then `import models`
    for command in COMMANDS:
        first, second = results(command, folder)
        print(f"`{command}` | {first} | {second}")
        #> `python shop/main.py` | ModuleNotFoundError | ModuleNotFoundError
        #> `python -m shop.main` | works | ModuleNotFoundError
        #> `PYTHONPATH=. python shop/main.py` | works | InvalidRequestError
        #> `uvicorn shop.main:app` | works | ModuleNotFoundError
        #> `PYTHONPATH=. uvicorn --app-dir shop main:app` | works | InvalidRequestError
        #> `python -m pytest -s shop` | works | InvalidRequestError
        #> `python -m pytest -s --import-mode=importlib shop` | works | ModuleNotFoundError
    # --8<-- [end:table]
