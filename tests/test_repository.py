"""What the repository says to those who find it: licenses, the changelog, forms, and links from a page back to it."""

from __future__ import annotations

import datetime
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from greenlit import Mistake
from greenlit.project import HERE
from greenlit.site import archive, feed

ROOT = HERE.root
FORMS = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*-*.yml"))


def test_what_readers_copy_asks_for_no_notice() -> None:
    text = (HERE.snippets / "LICENSE").read_text()
    assert text.startswith("BSD Zero Clause License") and "above copyright notice" not in text
    with zipfile.ZipFile(archive.place(HERE)) as packed:
        assert packed.read("LICENSE").decode() == text


def test_the_changelog_is_in_order() -> None:
    """The feed reads its headings."""
    lines = (ROOT / "CHANGELOG.md").read_text().splitlines()
    headings = [line.removeprefix("## ") for line in lines if line.startswith("## ")]
    landings = [feed.LANDING.fullmatch(heading) for heading in headings]
    assert all(landings), headings
    dates = [datetime.date.fromisoformat(landing[1]) for landing in landings if landing]
    assert dates == sorted(dates, reverse=True) and len(set(headings)) == len(headings)
    assert (HERE.docs / "changelog.md").resolve() == ROOT / "CHANGELOG.md"


def test_a_release_without_a_date_is_named() -> None:
    dates = feed.Dates(HERE)
    assert dates.of("fastapi", "0.106") == datetime.date(2023, 12, 25)
    assert dates.of("sqlalchemy", ".".join(HERE.locked["sqlalchemy"].split(".")[:2])) > datetime.date(
        2026, 1, 1
    )
    with pytest.raises(Mistake, match=r'has no date of fastapi "0\.1"'):
        dates.of("fastapi", "0.1")


# The forms --------------------------------------------------------------------------------------


def required(form: str) -> set[str]:
    """The fields that somebody has to fill in."""
    body = yaml.safe_load((ROOT / ".github" / "ISSUE_TEMPLATE" / f"{form}.yml").read_text())["body"]
    return {field["id"] for field in body if field.get("validations", {}).get("required")}


def test_a_form_asks_for_what_is_needed_to_look_into_it() -> None:
    assert required("wrong-claim") == {"page", "sentence", "snippet", "output", "driver", "versions"}
    assert required("missing-error") == {"traceback", "versions"}
    assert "Remove passwords" in (ROOT / ".github" / "ISSUE_TEMPLATE" / "missing-error.yml").read_text()


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_a_form_offers_every_driver_or_asks_for_it(path: Path) -> None:
    text = path.read_text()
    assert "aiosqlite, asyncpg, psycopg" in text or "Driver:" in text


GH = """\
#!/usr/bin/env bash
echo "$@" >> "$(dirname "$0")/calls"
if [ "$2" = list ]; then cat "$(dirname "$0")/open"; fi
"""


@pytest.fixture
def report(tmp_path: Path) -> Callable[[str], str]:
    """Files a report while these issues are open, and says what was asked of GitHub."""
    (tmp_path / "gh").write_text(GH)
    (tmp_path / "gh").chmod(0o755)
    (tmp_path / "body").write_text("x" * 70_000)

    def report(issues: str) -> str:
        (tmp_path / "open").write_text(issues)
        script = ROOT / ".github" / "issue.sh"
        path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
        command = ["bash", str(script), "Links", str(tmp_path / "body")]
        subprocess.run(command, env={**os.environ, "PATH": path}, check=True, capture_output=True)
        return (tmp_path / "calls").read_text().splitlines()[-1]

    return report


def test_a_report_stays_one_issue(report: Callable[[str], str]) -> None:
    assert report("[]").startswith("issue create --title Links --body-file ")
    assert report('[{"number": 3, "title": "Links that moved"}]').startswith("issue create ")
    called = report('[{"number": 3, "title": "Other"}, {"number": 7, "title": "Links"}]')
    assert called.startswith("issue edit 7 --body-file ")


# From a page to the repository ------------------------------------------------------------------


@pytest.fixture
def page(tmp_path: Path) -> Callable[..., str]:
    """A site of one page, built with this project's settings and templates."""
    (tmp_path / "docs" / "guide").mkdir(parents=True)
    (tmp_path / "docs" / "guide" / "page.md").write_text("# A page\n\nText.\n")
    (tmp_path / "docs" / "index.md").write_text("# Home\n")
    settings = f"""
        INHERIT: {ROOT / "mkdocs.yml"}
        docs_dir: {tmp_path / "docs"}
        theme: {{custom_dir: {ROOT / "greenlit" / "site" / "theme"}}}
        nav: [index.md, guide/page.md]
    """
    (tmp_path / "mkdocs.yml").write_text(re.sub(r"^ +", "", settings, flags=re.MULTILINE))

    def page(**settings: str) -> str:
        environment = {name: value for name, value in os.environ.items() if not name.endswith("_URL")}
        command = [
            sys.executable,
            "-m",
            "mkdocs",
            "build",
            "--strict",
            "--quiet",
            "-f",
            str(tmp_path / "mkdocs.yml"),
        ]
        subprocess.run(command, env={**environment, **settings}, check=True, capture_output=True, text=True)
        return (tmp_path / "site" / "guide" / "page" / "index.html").read_text()

    return page


def test_a_page_links_to_its_source_if_there_is_one(page: Callable[..., str]) -> None:
    repository = "https://github.com/someone/greenlit"
    made = page(
        REPO_URL=repository, EDIT_URL=f"{repository}/edit/main/docs/{{path}}", SITE_URL="https://g.dev/"
    )
    assert f'href="{repository}/edit/main/docs/guide/page.md"' in made
    assert (
        f'href="{repository}/issues/new?template=wrong-claim.yml&amp;page=https://g.dev/guide/page/"' in made
    )
    assert f'href="{repository}"' in made
    assert 'data-md-component="source"' not in made, "Material's script would ask api.github.com about it"
    assert (ROOT / ".github" / "ISSUE_TEMPLATE" / "wrong-claim.yml").is_file()


def test_without_one_it_has_no_such_link(page: Callable[..., str]) -> None:
    made = page()
    assert 'rel="edit"' not in made and "issues/new" not in made and ">Source<" not in made


def test_make_knows_where_a_page_is_edited() -> None:
    command = ["make", "--no-print-directory", "--eval", "show: ; @echo $(EDIT_URL)", "show"]
    environment = {name: value for name, value in os.environ.items() if name not in ("REPO_URL", "EDIT_URL")}

    def shown(*given: str) -> str:
        done = subprocess.run(
            [*command, *given], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    assert shown() == ""
    assert shown("REPO_URL=https://g.dev/a/b") == "https://g.dev/a/b/edit/main/docs/{path}"
