"""HTML of ours as Markdown: what a directive shows, where it has no plainer form of its own."""

from __future__ import annotations

import re
from html.parser import HTMLParser

UNSEEN = ("script", "style", "svg", "button", "noscript", "input", "label", "textarea")
BLOCKS = (
    "p",
    "div",
    "ul",
    "ol",
    "li",
    "dl",
    "dd",
    "h2",
    "h3",
    "h4",
    "details",
    "figure",
    "table",
    "tr",
    "pre",
)
MARKS = {"strong": "**", "b": "**", "summary": "**", "dt": "**"}


class Words(HTMLParser):
    """Collects lines; the rows of a table are put together at its end."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self._unseen = self._table = self._fenced = 0
        self._rows: list[list[str]] = []
        self._href = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in UNSEEN:
            self._unseen += tag != "input"
        elif self._unseen or tag == "span":
            return
        elif tag == "table":
            self._table, self._rows = len(self.text), []
            self._break("\n\n")
        elif tag == "tr":
            self._rows.append([])
        elif tag in ("td", "th"):
            self._rows[-1].append("")
        elif tag == "a":
            self._href = dict(attrs).get("href") or ""
            self._add("[")
        elif tag == "code" and not self._fenced:
            self._add("`")
        elif tag == "pre":
            self._break("\n\n")
            self._add("```text\n")
            self._fenced = 1
        elif tag == "br":
            self._add("; " if self._rows else "\n")
        elif tag == "li":
            self._break("\n")
            self._add("- ")
        elif tag in MARKS:
            self._add(MARKS[tag])
        elif tag in BLOCKS:
            self._break("\n\n")
            self._add(f"{'#' * int(tag[1])} " if re.fullmatch(r"h\d", tag) else "")

    def handle_endtag(self, tag: str) -> None:
        if tag in UNSEEN:
            self._unseen -= tag != "input"
        elif self._unseen:
            return
        elif tag == "table":
            rows, self._rows = self._rows, []
            self.text += f"\n\n{table(rows)}\n\n"
        elif tag == "a":
            self._add(f"]({self._href})")
        elif tag == "pre":
            self._fenced = 0
            self._add("\n```\n\n" if not self.text.endswith("\n") else "```\n\n")
        elif tag == "code" and not self._fenced:
            self._add("`")
        elif tag in MARKS:
            self._add(MARKS[tag] + (": " if tag == "dt" else ""))
        elif tag in BLOCKS and tag != "li":
            self._break("\n")

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self._add(data if self._fenced else re.sub(r"\s+", " ", data))

    def _add(self, text: str) -> None:
        if self._rows:
            if self._rows[-1]:
                self._rows[-1][-1] += text
        else:
            self.text += text

    def _break(self, lines: str) -> None:
        if not self._rows:
            self.text = f"{self.text.rstrip(' ')}{lines}"


def words(markup: str) -> str:
    """A link stays as the markup has it: whoever asks makes it whole."""
    parser = Words()
    parser.feed(markup)
    parser.close()
    text = re.sub(r"- \s+", "- ", parser.text)
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def table(rows: list[list[str]]) -> str:
    heads, *others = [[cell.strip().removesuffix(";").replace("|", "\\|") for cell in row] for row in rows]
    lines = [heads, ["---"] * len(heads), *others]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
