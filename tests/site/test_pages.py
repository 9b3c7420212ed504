"""Every page, light on a desktop and dark on a phone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import pytest

from tests.site.visit import Visit, page_urls

PARTS = 2
"""Of the many pages each worker takes a part."""


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(url, marks=pytest.mark.xdist_group(f"pages-{number % PARTS}"))
        for number, url in enumerate(page_urls())
    ],
)
@pytest.mark.parametrize("scheme", ["light", "dark"], ids=["light", "dark-phone"])
def test_page(leaf: Callable[..., Visit], path: str, scheme: Literal["light", "dark"]) -> None:
    """No console error, no foreign request, no sideways scroll, nothing that axe objects to."""
    objections = leaf(path, scheme).objections()
    assert not objections, "\n".join(objections)
