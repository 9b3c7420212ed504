"""Where what runs in a browser comes from, and a site without it."""

from __future__ import annotations

import base64
import hashlib
import urllib.error
import urllib.request
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest

from greenlit import Mistake
from greenlit.playground import agreed, fetch, place
from greenlit.project import HERE, Project
from greenlit.site.verbs.code import run_here

WHEEL = b"a wheel"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    digest = hashlib.sha256(WHEEL).hexdigest()
    (tmp_path / "uv.lock").write_text(
        f"""[[package]]
name = "typing-extensions"
version = "4"
wheels = [
    {{ url = "https://elsewhere/t-4-cp311-cp311-macosx.whl", hash = "sha256:1" }},
    {{ url = "https://elsewhere/typing_extensions-4-py3-none-any.whl", hash = "sha256:{digest}" }},
]
"""
    )
    return Project(tmp_path)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses that were asked for, of an index that has the wheel."""
    addresses: list[str] = []

    def urlopen(url: str, timeout: float) -> BytesIO:
        addresses.append(url)
        links = b'<a href="../../files/typing_extensions-4-py3-none-any.whl#sha256=1">it</a>'
        return BytesIO(links if url.endswith("/") else WHEEL)

    monkeypatch.setattr(urllib.request, "urlopen", urlopen)
    monkeypatch.setattr(fetch, "PACKAGES", ("typing-extensions",))
    monkeypatch.setenv("UV_DEFAULT_INDEX", "https://index.invalid/simple")
    return addresses


def test_a_wheel_comes_from_the_index_that_is_set_up_and_once(project: Project, asked: list[str]) -> None:
    [wheel] = fetch.wheels(project)
    assert wheel.read_bytes() == WHEEL
    assert asked == [
        "https://index.invalid/simple/typing-extensions/",
        "https://index.invalid/files/typing_extensions-4-py3-none-any.whl",
    ]
    assert fetch.wheels(project) == [wheel] and len(asked) == 2
    wheel.write_bytes(b"half of it")
    assert fetch.wheels(project) == [wheel] and wheel.read_bytes() == WHEEL


def test_another_file_than_the_pinned_one_is_not_used(
    project: Project, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"{__name__}.WHEEL", b"another")
    with pytest.raises(Mistake, match="not the file that is pinned"):
        fetch.wheels(project)
    assert not list(fetch.cache(project).glob("*.whl"))


def test_pyodide_is_held_to_its_hash(
    project: Project, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("npm_config_registry", "https://npm.invalid")
    with pytest.raises(Mistake, match="not the file that is pinned"):
        fetch.pyodide(project)
    assert asked == [f"https://npm.invalid/pyodide/-/pyodide-{fetch.PYODIDE}.tgz"]
    digest = base64.b64encode(hashlib.sha512(WHEEL).digest()).decode()
    assert fetch._is(WHEEL, f"sha512-{digest}") and not fetch._is(b"", f"sha512-{digest}")


def test_what_the_lock_does_not_have_is_named(project: Project) -> None:
    with pytest.raises(Mistake, match="lock has no wheel of sqlalchemy"):
        fetch.wheels(project)


def test_without_a_network_the_way_out_is_said(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    def urlopen(url: str, timeout: float) -> BytesIO:
        raise urllib.error.URLError("no network")

    monkeypatch.setattr(urllib.request, "urlopen", urlopen)
    with pytest.raises(Mistake, match="PLAYGROUND=0 builds the site without"):
        fetch.pyodide(project)


def test_a_site_without_it_is_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    snippet = HERE.snippet("expiry/read_after_commit/read")
    assert run_here(snippet) == {"data-run": ""}
    monkeypatch.setenv("PLAYGROUND", "0")
    assert run_here(snippet) == {}
    place.place(HERE, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_twins_point_at_each_other() -> None:
    twins = place.twins(HERE)
    assert set(twins) | set(twins.values()) <= agreed.agreed()
    assert all(twins[twin] in twins for twin in twins.values())


@pytest.mark.parametrize("fetched", [fetch.wheels, fetch.pyodide])
def test_a_second_build_fetches_nothing(
    fetched: Callable[[Project], object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetched(HERE)
    monkeypatch.delattr(urllib.request, "urlopen")
    assert fetched(HERE)
