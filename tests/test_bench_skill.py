"""The bench of the skill: each check passes what is right, and fails what assistants write instead, for the reason named."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench_skill import FOLDER, TASKS, why_not

MISTAKES = {
    "alembic_env": "MissingGreenlet",
    "conftest": "1 passed",
    "create_order": "the order is not stored yet",
    "dashboard": "IllegalStateChangeError",
    "heroes": "the status is 500",
    "page": "the pages have the orders [7, 6, 5, 4]",
    "patch": "{'phone': None}",
    "price": "IntegrityError",
    "read_author": "POST answers 500",
    "sign_up": "the second gets 500",
    "traceback": "MissingGreenlet",
    "welcome": "the user is not stored",
}
"""What the check of each task says of its `bad.py`."""


def test_there_are_twelve() -> None:
    assert sorted(MISTAKES) == TASKS and len(TASKS) == 12


@pytest.mark.parametrize("task", TASKS)
def test_a_right_answer_passes(task: str) -> None:
    assert why_not(task, FOLDER / task / "good.py") == ""


@pytest.mark.parametrize("task", TASKS)
def test_a_common_mistake_fails(task: str) -> None:
    assert MISTAKES[task] in why_not(task, FOLDER / task / "bad.py")


def test_a_missing_answer_fails(tmp_path: Path) -> None:
    assert why_not(TASKS[0], tmp_path / "nothing.py") == "no answer"
