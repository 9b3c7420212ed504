# /// script
# requires-python = ">=3.11"
# dependencies = ["asyncpg"]
# ///
# drivers: asyncpg (each line takes a run of the shop's tests; tests/test_shop.py has them on all three)
# needs: shop
# unrecorded: the tests run in processes of their own
import os
import re
import subprocess
import sys
from pathlib import Path

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL and the shop: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)
SHOP = Path(os.environ["SHOP"])

# --8<-- [start:lines]
LINES = {
    "nothing": ("tests/conftest.py", "", ""),
    "the transaction of a test": ("tests/conftest.py", "await transaction.rollback()", "await transaction.commit()"),
    "the savepoint of a request": ("tests/conftest.py", ', join_transaction_mode="create_savepoint"', ""),
    "the lifespan": ("tests/conftest.py", "dict(state)", "{}"),
    "one event loop for all tests": ("pyproject.toml", 'asyncio_default_test_loop_scope = "session"', ""),
}
# --8<-- [end:lines]


def first_reason(said: str) -> str:
    reason = re.search(r"^E +(.*)$", said, re.MULTILINE)
    return f"`{reason[1].partition(': ')[0]}`" if reason else "nothing"


def tests_say() -> str:
    command = [".venv/bin/python", "-m", "pytest", "-q", "-p", "no:cacheprovider", "--no-header", "tests/test_orders.py", "tests/test_products.py"]
    done = subprocess.run(command, cwd=SHOP, env={**os.environ, "PYTHONPATH": ""}, stdout=subprocess.PIPE, text=True, check=False)
    failed = len(re.findall(r"^(?:FAILED|ERROR) ", done.stdout, re.MULTILINE))
    counts = re.findall(r"(\d+) (?:passed|failed|error)", done.stdout.splitlines()[-1])
    # In words, so that a new test in the shop changes nothing here.
    words = {0: "none", sum(map(int, counts)): "all", sum(map(int, counts)) - 1: "all but one"}
    return f"{words.get(failed, 'some')} | {first_reason(done.stdout)}"


def main() -> None:
    # --8<-- [start:table]
    print("without | tests that fail | the first says")
    #> without | tests that fail | the first says
    for name, (file, line, instead) in LINES.items():
        path = SHOP / file
        text = path.read_text()
        path.write_text(text.replace(line, instead) if line else text)
        print(name, "|", tests_say())
        #> nothing | none | nothing
        #> the transaction of a test | some | `assert 1 == 0`
        #> the savepoint of a request | some | `sqlalchemy.exc.SAWarning`
        #> the lifespan | all | `assert 500 == 201`
        #> one event loop for all tests | some | `RuntimeError`
        path.write_text(text)
    # --8<-- [end:table]


if __name__ == "__main__":
    main()
