"""The machinery that ties pages, snippets and runs together."""

DRIVERS = {
    "aiosqlite": "sqlite+aiosqlite",
    "asyncpg": "postgresql+asyncpg",
    "psycopg": "postgresql+psycopg",
}
"""The short name, as in a test id, and the scheme of the URL."""


class Mistake(Exception):
    """Something that a person can mend: one line that names the cause and the remedy."""
