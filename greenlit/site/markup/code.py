"""Code in colours, and the block that it stands in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from html import escape

from pygments import highlight
from pygments.filter import Filter
from pygments.formatters import HtmlFormatter
from pygments.lexer import Lexer
from pygments.lexers import PostgresLexer, PythonLexer, get_lexer_for_filename
from pygments.token import Name, Punctuation, String, Text, Whitespace, _TokenType

_PLAIN: HtmlFormatter[str] = HtmlFormatter(nowrap=True)


class _Uncoloured(Filter):
    """Names, white space and single signs look like the text around them: a page is lighter by the half of its spans."""

    def filter(
        self, lexer: Lexer | None, stream: Iterable[tuple[_TokenType, str]]
    ) -> Iterator[tuple[_TokenType, str]]:
        for token, text in stream:
            # A longer operator keeps its span: a line does not go on in the middle of it.
            sign = len(text) == 1 and not text.isalnum() and String not in token.split()
            plain = sign or token in (Name, Whitespace, Punctuation)
            yield Text if plain else token, text


_PYTHON, _SQL = PythonLexer(), PostgresLexer()
for _lexer in (_PYTHON, _SQL):
    _lexer.add_filter(_Uncoloured())


# The ledgers of three drivers are mostly of the same lines.
@cache
def python(text: str) -> str:
    return highlight(text, _PYTHON, _PLAIN).rstrip("\n")


@cache
def sql(text: str) -> str:
    return highlight(text, _SQL, _PLAIN).rstrip("\n")


def block(text: str) -> str:
    return _block(text, python(text))


def file(text: str, name: str) -> str:
    """A whole file, in the colours of its kind."""
    return _block(text, highlight(text, get_lexer_for_filename(name, stripnl=False), _PLAIN))


def _block(text: str, markup: str) -> str:
    return f"<pre><code>{''.join(map(wrapping, text.splitlines(), markup.splitlines()))}</code></pre>"


DEEPEST = 12
"""The style sheet has a class for each indent up to this, as a strict policy forbids styles in a page."""


def wrapping(text: str, markup: str, kind: str = "", sign: str = "") -> str:
    """A line of code that, where it is too long for its box, goes on below its own beginning: see `snippet.css`."""
    indent = min(len(text) - len(text.lstrip()) + bool(sign), DEEPEST)
    classes = " ".join(filter(None, (kind, f"in{indent}" if indent else "")))
    attribute = f' class="{classes}"' if classes else ""
    return f"<span{attribute}>{sign}{markup}</span>\n"


def prose(text: str) -> str:
    """A sentence, with what stands in backticks as code."""
    return re.sub("`([^`]+)`", r"<code>\1</code>", escape(text))


def copy_button(what: str) -> str:
    return f'<button class="gl-copy" title="Copy {what}"></button>'


def buttons() -> str:
    """At the end of the bar with a file's name: they cover no code."""
    return f'{copy_button("this code")}<button class="gl-more" title="More to copy"></button>'


def command(text: str) -> str:
    return (
        '<div class="gl-run highlight no-copy" data-search-exclude><pre>'
        f"<code>{escape(text)}\n</code></pre>{copy_button('the command')}</div>"
    )
