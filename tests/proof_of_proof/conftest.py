"""What every case begins with: a snippet that passes, and a page that is right."""

from __future__ import annotations

from pathlib import Path

import pytest

from greenlit.proof.database import Stage
from greenlit.snippet import Snippet
from tests.proof_of_proof.workshop import QUERY, Workshop


@pytest.fixture
def workshop(tmp_path: Path, stage: Stage) -> Workshop:
    return Workshop(tmp_path / "workshop", stage)


@pytest.fixture
def proven(workshop: Workshop) -> Snippet:
    """A snippet that passes, and the record that it passes against."""
    snippet = workshop.write("query", QUERY)
    workshop.update(snippet)
    workshop.accept(snippet)
    return snippet
