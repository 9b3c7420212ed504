"""One answer and the check of its task, in a process of its own."""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
import inspect
import os
import sys
from pathlib import Path
from types import ModuleType


def load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("answer", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["answer"] = module
    spec.loader.exec_module(module)
    return module


def main() -> None:
    task, path = sys.argv[1], Path(sys.argv[2])
    check = importlib.import_module(f"tests.bench_skill.tasks.{task}.check").check
    try:
        if inspect.iscoroutinefunction(check):
            asyncio.run(check(load(path)))
        else:
            check(path.read_text())
    except BaseException as error:
        said = f"{type(error).__name__}: {error}".splitlines()[0]
        print(said.removeprefix("AssertionError: "), flush=True)
        os._exit(1)  # An engine that the answer has left open must not keep the process alive.


if __name__ == "__main__":
    main()
