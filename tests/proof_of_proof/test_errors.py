"""The error pages."""

from __future__ import annotations

import pytest

from greenlit.census import errors
from greenlit.site.generated import generated
from tests.proof_of_proof.workshop import HEADER, Workshop

RULES = (
    errors.every_error_page_is_complete,
    errors.every_error_page_shows_its_pair,
    errors.every_error_page_says_what_a_run_said,
    errors.what_no_run_said_has_a_source,
)

ERROR_PAGE = """
    ---
    error:
      rank: 1
      layer: ORM
      symptoms: [500]
      drivers: [aiosqlite]
      cause: One. Two.
      fix: topic/sums
      says: ["invalid literal for int*base 10"]
    ---

    # It breaks

    @error page

    @fix topic/sums

    @snippet topic/sums_breaks#sum
"""


@pytest.fixture
def error_page(workshop: Workshop) -> str:
    broken = "# --8<-- [start:sum]\nint('one')\n# --8<-- [end:sum]\n"
    workshop.update(workshop.write("sums_breaks", f"{HEADER}# raises: ValueError\n{broken}"))
    workshop.update(workshop.write("sums", HEADER + broken.replace("one", "1")))
    workshop.page(ERROR_PAGE.lstrip("\n"))
    assert workshop.census(*RULES) == ""
    return ERROR_PAGE.lstrip("\n")


@pytest.mark.parametrize(
    "old, new, problem",
    [
        (
            "invalid literal",
            "invalid number",
            "says 'invalid number for int*base 10', and no run on the page does",
        ),
        ("layer: ORM", "layer: cellar", "layer 'cellar': there are ORM"),
        ("symptoms: [500]", "symptoms: [sad]", "symptom 'sad': there are 500"),
        ("drivers: [aiosqlite]", "drivers: [oracle]", "driver 'oracle': there are aiosqlite"),
        ("rank: 1", "rnak: 1", "unknown: rnak"),
        ("      cause: One. Two.\n", "", "missing: cause"),
        ("@error page", "Nothing.", "place '@error page' below the title"),
        ("@fix topic/sums", "Nothing.", "place '@fix topic/sums'"),
        ("fix: topic/sums", "fix: topic/sums_breaks", "topic/sums_breaks has no broken twin"),
        (
            '["invalid literal for int*base 10"]',
            "[]",
            "nothing tells this error: write its message into 'says:'",
        ),
        ('["invalid literal', '["\u201cinvalid literal', "write a few words of ASCII"),
        ("rank: 1", "rank: [", "its front matter is no YAML"),
    ],
)
def test_an_error_page_that_does_not_tell_its_error(
    workshop: Workshop, error_page: str, old: str, new: str, problem: str
) -> None:
    assert old in error_page
    workshop.page(error_page.replace(old, new))
    assert problem in workshop.census(*RULES)


def test_a_generated_file_that_is_not_of_its_sources(workshop: Workshop, error_page: str) -> None:
    rule = errors.every_generated_file_is_of_the_pages
    workshop.project.assets.mkdir()
    for path, text in generated(workshop.project).items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    assert workshop.census(rule) == ""
    workshop.page(error_page.replace("cause: One.", "cause: Another."))
    assert (
        "docs/assets/errors.json:1: is not what its sources make it: run 'make catalogue'"
        in workshop.census(rule)
    )


def test_words_of_a_docstring_were_said_by_no_run(workshop: Workshop, error_page: str) -> None:
    twin = workshop.project.snippet("topic/sums_breaks")
    twin.path.write_text(twin.source + '\n\ndef why() -> None:\n    """We invented this."""\n')
    workshop.page(error_page.replace("invalid literal for int*base 10", "We invented this"))
    assert "says 'We invented this', and no run on the page does" in workshop.census(*RULES)


def test_longer_output_was_said(workshop: Workshop, error_page: str) -> None:
    twin = workshop.project.snippet("topic/sums_breaks")
    twin.path.write_text(
        twin.source + '\n\nif True:\n    print("...")\n    """\n    We printed\n    this.\n    """\n'
    )
    workshop.page(error_page.replace("invalid literal for int*base 10", "We printed this."))
    assert workshop.census(*RULES) == ""


@pytest.mark.parametrize("key", ["reported", "common"])
def test_a_message_that_no_run_said_and_no_link_supports(
    workshop: Workshop, error_page: str, key: str
) -> None:
    invented = error_page.replace("      says:", f'      {key}: ["We invented this"]\n      says:')
    workshop.page(invented)
    message = workshop.census(*RULES)
    assert message.startswith(
        "docs/guides/errors/page.md:1: says 'We invented this', which no run on the page"
    )
    assert "links no source" in message
    workshop.page(invented + "\nRead [where](https://example.org/issues/1).\n")
    assert workshop.census(*RULES) == ""


def test_a_code_that_no_run_names(workshop: Workshop, error_page: str) -> None:
    workshop.page(error_page.replace("      says:", "      code: f405\n      says:"))
    assert "no run on the page names SQLAlchemy's code 'f405'" in workshop.census(*RULES)


def test_a_code_that_a_run_names(workshop: Workshop, error_page: str) -> None:
    ledger = workshop.project.snippet("topic/sums_breaks").ledger_path
    ledger.write_text(ledger.read_text().replace("base 10", "base 10 (see https://sqlalche.me/e/21/f405)"))
    workshop.page(error_page.replace("      says:", "      code: f405\n      says:"))
    assert workshop.census(*RULES) == ""


def test_a_fix_whose_twin_is_an_assertion_and_not_on_the_page(workshop: Workshop, error_page: str) -> None:
    """The doctor finds an error page by its twin's traceback, but not where that is an assertion."""
    workshop.pair("# raises: AssertionError\nx = 1\nassert x > 1\n", "x = 2\nassert x > 1\n", "other")
    borrowed = error_page.replace("fix: topic/sums", "fix: topic/other").replace(
        "@fix topic/sums", "@fix topic/other"
    )
    workshop.page(borrowed)
    message = workshop.census(*RULES)
    assert (
        "names topic/other as its fix and does not show what it heals: place '@snippet topic/other_breaks#"
        in message
    )
    workshop.page(borrowed + "\n@code topic/other_breaks#sum\n")
    assert workshop.census(*RULES) == ""
