"""Code that error pages give to copy, beyond what its own snippet runs."""

from __future__ import annotations

from random import Random
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.dialects.postgresql import asyncpg
from sqlalchemy.engine import URL, make_url

with pytest.MonkeyPatch.context() as environment:
    environment.setenv("DATABASE_URL", "postgresql+asyncpg://")  # Without one, the file ends at once.
    from snippets.errors.asyncpg_sslmode.convert import for_asyncpg

# The conversion of a libpq URL must never lower what the URL asks for ---------------------------

STRICTNESS = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"]
OF_TLS = ("sslmode", "ssl", "channel_binding")
BINDINGS = ["disable", "prefer", "require"]

understood = st.one_of(
    st.tuples(st.sampled_from(["sslmode", "ssl"]), st.sampled_from(STRICTNESS)),
    st.tuples(st.just("channel_binding"), st.sampled_from(BINDINGS)),
)
unrelated = st.tuples(st.sampled_from(["application_name", "sslrootcert", "SSLMODE"]), st.just("require"))
not_understood = st.tuples(
    st.sampled_from(OF_TLS),
    st.sampled_from(["true", "1", "no-verify", "Require", "VERIFY-FULL", "verify_full", " require"]),
)
schemes = st.sampled_from(["postgres", "postgresql", "postgresql+psycopg", "postgresql+asyncpg"])


def url_with(scheme: str, query: list[tuple[str, str]]) -> str:
    return f"{scheme}://shop:secret@db.example:5432/shop?{urlencode(query)}"


def strictest(query: list[tuple[str, str]]) -> int:
    levels = [value for name, value in query if name in ("sslmode", "ssl")]
    levels += ["verify-full" for pair in query if pair == ("channel_binding", "require")]
    return max((STRICTNESS.index(level) for level in levels), default=-1)


def level_at_the_driver(url: URL) -> int:
    """What SQLAlchemy passes on to `asyncpg.connect()`; nothing means that PGSSLMODE decides."""
    dialect: Any = asyncpg.dialect
    _, arguments = dialect().create_connect_args(url)
    return STRICTNESS.index(arguments["ssl"]) if "ssl" in arguments else -1


@settings(deadline=None)  # A busy machine is not a fault.
@given(schemes, st.lists(st.one_of(understood, unrelated), max_size=5))
def test_the_converted_url_is_never_less_strict(scheme: str, query: list[tuple[str, str]]) -> None:
    url = for_asyncpg(url_with(scheme, query))
    assert level_at_the_driver(url) == strictest(query)
    assert for_asyncpg(url) == url
    assert url.drivername == "postgresql+asyncpg"
    assert (url.username, url.password, url.host, url.port, url.database) == (
        "shop", "secret", "db.example", 5432, "shop",
    )  # fmt: skip


@settings(deadline=None)  # A busy machine is not a fault.
@given(st.lists(understood, max_size=3), not_understood, st.randoms())
def test_what_is_not_understood_is_refused(
    query: list[tuple[str, str]], odd: tuple[str, str], random: Random
) -> None:
    query.insert(random.randint(0, len(query)), odd)
    with pytest.raises(ValueError, match="asks for what asyncpg does not know"):
        for_asyncpg(url_with("postgresql", query))


@settings(deadline=None)  # A busy machine is not a fault.
@given(st.lists(st.one_of(understood, unrelated), max_size=5))
def test_all_other_parameters_stay(query: list[tuple[str, str]]) -> None:
    """asyncpg refuses those that it does not know, so nothing is dropped without an error."""
    before = make_url(url_with("postgresql", query)).normalized_query
    after = for_asyncpg(url_with("postgresql", query)).normalized_query
    kept = {name: values for name, values in before.items() if name not in OF_TLS}
    assert {name: values for name, values in after.items() if name != "ssl"} == kept
