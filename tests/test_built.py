"""What is made from the built site, on small pages: links from the root, descriptions, steps, cards, dates."""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from greenlit.project import Project
from greenlit.site import cards, feed, head, zensical
from greenlit.site.built import pages

PAGE = """<!doctype html>
<html>
  <head>
    <meta charset="utf-8">
    <meta name="description" content="{description}">
    <link rel="canonical" href="https://g.dev/{folder}">
  </head>
  <body>
    <nav>   One

       Two</nav>
    <article class="md-content__inner"><h1 id="a">The <code>title</code><a class="headerlink" href="#a">&para;</a></h1>
    <pre>
  kept

  as it is</pre>
    {text}</article>
  </body>
</html>
"""
DEFAULT = "Of the whole site."

Made = Callable[..., str]


@pytest.fixture
def made(tmp_path: Path) -> Made:
    """A page, and what the steps make of it."""
    (tmp_path / "mkdocs.yml").write_text(f"site_description: {DEFAULT}\n")
    project, site = Project(tmp_path), tmp_path / "site"

    def made(folder: str, text: str = "<p>It begins.</p>", description: str = DEFAULT) -> str:
        for each in {"", "guides/errors/", folder}:
            (site / each).mkdir(parents=True, exist_ok=True)
            page = PAGE.format(folder=each, description=description, text=text)
            (site / each / "index.html").write_text(page)
        for write in (zensical.write, head.write):
            write(project, site)
        return (site / folder / "index.html").read_text()

    return made


@pytest.mark.parametrize(
    ("folder", "link", "there"),
    [
        ("guides/errors/one/", "/run.md", "../../../run/"),
        ("guides/errors/one/", "/guides/errors/two.md#fix", "../../../guides/errors/two/#fix"),
        ("guides/errors/one/", "/guides/errors/index.md", "../../../guides/errors/"),
        ("run/", "/index.md", "../"),
        ("", "/index.md", "./"),
        ("", "/run.md", "run/"),
        ("run/", "/snippets/expiry/read.py", "../snippets/expiry/read.py"),
        ("run/", "//other.dev/x.md", "//other.dev/x.md"),
        ("run/", "https://other.dev/x.md", "https://other.dev/x.md"),
    ],
)
def test_a_link_from_the_root_becomes_relative(made: Made, folder: str, link: str, there: str) -> None:
    assert f'<a class="x" href="{there}">' in made(folder, f'<p><a class="x" href="{link}">y</a></p>')


def test_snippets_are_published_if_they_are_not(made: Made, tmp_path: Path) -> None:
    page = tmp_path / "snippets" / "expiry" / "read"
    for path in (
        page / "read.py",
        page / "__pycache__" / "read.pyc",
        page / ".venv" / "x.py",
        page / "there.py",
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("new")
    there = tmp_path / "site" / "snippets" / "expiry" / "read"
    there.mkdir(parents=True)
    (there / "there.py").write_text("built")
    made("one/")
    published = {path.name: path.read_text() for path in there.rglob("*") if path.is_file()}
    assert published == {"read.py": "new", "there.py": "built"}


def test_an_address_that_leads_on_is_no_page(made: Made, tmp_path: Path) -> None:
    moved = tmp_path / "site" / "old" / "index.html"
    moved.parent.mkdir(parents=True)
    moved.write_text('<link rel="canonical" href="https://g.dev/one/">')
    made("one/")
    assert "og:title" not in moved.read_text()


def test_a_description_is_the_pages_own(made: Made) -> None:
    html = made("one/", description='type "status" exists > 1 & more')
    assert '<meta name="description" content="type &quot;status&quot; exists &gt; 1 &amp; more">' in html
    assert (
        '<meta property="og:description" content="type &quot;status&quot; exists &gt; 1 &amp; more">' in html
    )


def test_a_page_without_one_has_its_beginning(made: Made) -> None:
    long = (
        "One sentence that is long enough to stand alone, as it has more than eighty characters in it. "
        + "x " * 99
    )
    assert 'name="description" content="It <begins>."'.replace("<", "&lt;").replace(">", "&gt;") in made(
        "one/", "<p>It &lt;begins&gt;.</p><p>Not this.</p>"
    )
    assert 'characters in it.">' in made("two/", f"<p>{long}</p>")
    assert made("three/", f"<p>{'word ' * 60}</p>").count(' …">') == 2
    assert f'content="{DEFAULT}"' in made("")


def test_a_page_is_told_once_and_its_article_is_left_alone(made: Made, tmp_path: Path) -> None:
    html = made("guides/errors/one/")
    assert html.count('property="og:title" content="The title"') == 1
    assert "<pre>\n  kept\n\n  as it is</pre>" in html and "<nav> One\nTwo</nav>" in re.sub(" +", " ", html)
    head.write(Project(tmp_path), tmp_path / "site")
    assert (tmp_path / "site/guides/errors/one/index.html").read_text() == html


def test_the_steps_to_a_page_are_pages(made: Made) -> None:
    html = made("guides/errors/one/", description="</script><script>alert(1)</script>")
    told = html.partition('<script type="application/ld+json">')[2].partition("</script>")[0]
    article, steps = json.loads(told)["@graph"]
    assert article["description"] == "</script><script>alert(1)</script>"
    assert [step["item"] for step in steps["itemListElement"]] == [
        "https://g.dev/",
        "https://g.dev/guides/errors/",
        "https://g.dev/guides/errors/one/",
    ]


# Cards ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "title", ["Short", "word " * 60, "sqlalchemy.orm.exc." * 12, "x" * 300, "__a__(b)" * 9]
)
def test_a_title_stays_on_its_card(title: str) -> None:
    ground, edge = cards.card(title, "A guide"), cards.WIDTH - cards.RIGHT // 2
    beyond = ground.crop((edge, 0, cards.WIDTH, cards.HEIGHT)).getextrema()
    assert beyond == (0, 0), "letters beyond the right edge"
    assert ground.crop((21, cards.HEIGHT - cards.TOP + 20, cards.WIDTH, cards.HEIGHT)).getextrema() == (0, 0)


def test_two_titles_have_two_cards() -> None:
    assert cards.card("One", "").tobytes() != cards.card("Two", "").tobytes()
    assert cards.card("One", "").tobytes() == cards.card("One", "").tobytes()


# The feed ---------------------------------------------------------------------------------------

CHANGELOG = '<h2 id="b">2026-02-03: Second</h2><ul><li>B</li></ul><h2 id="a">2026-01-02: First</h2><p>A</p>'
CHANGE = '<div class="gl-change"><p><strong>{}</strong></p><p class="gl-where">On <a href="../one/">one</a></p>\n</div>\n'
STEP = '<h3 id="s">SQLAlchemy 2.0 to 2.1</h3><p>9 runs did the same on both.</p><h4 id="k">Raises something else</h4>'


@pytest.fixture
def released(made: Made, tmp_path: Path) -> Project:
    (tmp_path / "uv.lock").write_text(
        '[[package]]\nname = "sqlalchemy"\nversion = "2.1.9"\n'
        'sdist = { url = "x", upload-time = "2026-01-20T01:02:03Z" }\n'
    )
    (tmp_path / "pyproject.toml").write_text("[tool.greenlit.released]\n")
    made("changelog/", CHANGELOG)
    for folder in feed.UPGRADES:
        made(folder, STEP + "".join(map(CHANGE.format, "ABCDEFGH")) if "sqlalchemy" in folder else "")
    return Project(tmp_path)


def test_an_entry_for_each_landing_and_each_release(released: Project) -> None:
    entries = feed.entries(released, released.root / "site")
    assert [(entry.title, entry.updated.isoformat()) for entry in entries] == [
        ("New on the site: Second", "2026-02-03"),
        ("SQLAlchemy 2.1: what changed since 2.0", "2026-01-20"),
        ("New on the site: First", "2026-01-02"),
    ]
    change = entries[1]
    assert change.link == "https://g.dev/upgrade/sqlalchemy/#s"
    assert change.html.count("<li>") == feed.MOST and ">All 8</a>" in change.html
    assert '<a href="https://g.dev/upgrade/one/">one</a>' in change.html and "class=" not in change.html


def test_an_entry_keeps_its_identity_and_its_place_in_time(released: Project) -> None:
    """At another address, with another text; a release that is new has the date of its own."""
    site = released.root / "site"
    before = feed.entries(released, site)
    for page in pages(site):
        page.path.write_text(page.html.replace("g.dev", "other.dev").replace("<strong>A<", "<strong>Z<"))
    after = feed.entries(released, site)
    assert [entry.identity for entry in after] == [entry.identity for entry in before]
    assert len({entry.identity for entry in after}) == 3
    assert [entry.updated for entry in after] == [entry.updated for entry in before]
    assert feed.Dates(released).of("sqlalchemy", "2.1") == datetime.date(2026, 1, 20)
