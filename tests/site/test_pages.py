"""Every page, dark on a phone and light on a desktop."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.site.visit import Visit, objections, page_urls


@pytest.mark.parametrize("path", page_urls())
def test_page(leaf: Callable[[str], Visit], path: str) -> None:
    """No console error, no foreign request, no sideways scroll, nothing that axe objects to."""
    found = objections(leaf(path))
    assert not found, "\n".join(found)
