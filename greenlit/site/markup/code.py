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
from pygments.token import Name, Text, Whitespace, _TokenType

_PLAIN: HtmlFormatter[str] = HtmlFormatter(nowrap=True)


class _Uncoloured(Filter):
    """Names and white space look like the text around them: a page is lighter by the third of its spans that held them."""

    def filter(
        self, lexer: Lexer | None, stream: Iterable[tuple[_TokenType, str]]
    ) -> Iterator[tuple[_TokenType, str]]:
        for token, text in stream:
            yield Text if token in (Name, Whitespace) else token, text


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
    return f"<pre><span></span><code>{''.join(map(wrapping, text.splitlines(), markup.splitlines()))}</code></pre>"


def wrapping(text: str, markup: str, kind: str = "", sign: str = "") -> str:
    """A line of code that, where it is too long for its box, goes on below its own beginning: see `.gl-row`."""
    indent = len(text) - len(text.lstrip()) + bool(sign)
    # A class, because a strict policy refuses `style`. Where it would leave no room, a line goes on further to the left.
    at = f" at{min(indent, 12)}" if indent else ""
    return f'<span class="gl-row{at}{kind and f" {kind}"}">{sign}{markup}</span>\n'


def prose(text: str) -> str:
    """A sentence, with what stands in backticks as code."""
    return re.sub("`([^`]+)`", r"<code>\1</code>", escape(text))


def command(text: str) -> str:
    return (
        '<div class="gl-run highlight" data-search-exclude><pre>'
        f"<span></span><code>{escape(text)}\n</code></pre></div>"
    )
