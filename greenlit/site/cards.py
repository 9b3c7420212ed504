"""A picture of each page for those who get a link to it: `card.png` beside its HTML, 1200 by 630, with its title.

On an error's page the title is the message. Drawn with Pillow and the typeface in it, so no font and no browser is needed.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from greenlit.project import Project
from greenlit.site.built import Built, pages

NAME = "card.png"
SIZE = WIDTH, HEIGHT = 1200, 630
LEFT, RIGHT, TOP = 96, 72, 78
GROUND, RAIL, WORDS, QUIET = (17, 22, 20), (63, 191, 125), (233, 240, 236), (163, 177, 169)
SHADES = 12
"""Between the ground and a colour of letters: their edges."""
TITLE_SIZES = (76, 66, 58, 50, 44)
MOST_LINES = 4

GUIDES = {
    "application": "The application",
    "errors": "An error, its cause and its fix",
    "expiry": "Expiry",
    "lifecycle": "Session lifecycle",
    "pool": "Connection pool",
}
PROMISE = "SQLAlchemy asyncio under FastAPI · every example has been run"

Font = ImageFont.FreeTypeFont


def write(_: Project, site: Path) -> None:
    for page in pages(site):
        card(page.title, heading(page, site)).save(page.path.with_name(NAME), compress_level=6)


def heading(page: Built, site: Path) -> str:
    """Which guide the page is in."""
    folders = page.path.relative_to(site).parts
    return GUIDES.get(folders[1], "") if folders[0] == "guides" else ""


def card(title: str, over: str) -> Image.Image:
    made = Image.new("P", SIZE, 0)
    made.putpalette(_palette())
    draw = ImageDraw.Draw(made)
    draw.rectangle((0, 0, 20, HEIGHT), fill=2 * SHADES)
    _write(made, (LEFT, TOP), "Greenlit", font(40), 1)
    if over:
        _write(made, (LEFT + 190, TOP), over, font(40), 2)
    chosen, lines = _fitted(title)
    step = round(chosen.size * 1.24)
    top = TOP + 80 + (HEIGHT - 2 * TOP - 140 - step * len(lines)) // 2
    for number, line in enumerate(lines):
        _write(made, (LEFT, top + number * step), line, chosen, 0)
    _write(made, (LEFT, HEIGHT - TOP - 26), PROMISE, font(34), 2)
    return made


def _palette() -> list[int]:
    """The ground, and the shades from it to each of three colours."""
    shades = [GROUND]
    for colour in (WORDS, RAIL, QUIET):
        for at in range(1, SHADES + 1):
            mixed = (round(a + (b - a) * at / SHADES) for a, b in zip(GROUND, colour, strict=True))
            shades.append((*mixed,))  # type: ignore[arg-type]
    return [part for shade in shades for part in shade]


def _write(made: Image.Image, at: tuple[int, int], text: str, chosen: Font, colour: int) -> None:
    """In one of the three colours: how much of a dot a letter covers is a shade of it."""
    right, bottom = (int(edge) for edge in chosen.getbbox(text)[2:])
    mask = Image.new("L", (right + 2, bottom + 2), 0)
    ImageDraw.Draw(mask).text((0, 0), text, font=chosen, fill=255)
    shades = mask.point(
        [colour * SHADES + round(cover * SHADES / 255) if cover > 10 else 0 for cover in range(256)]
    )
    made.paste(shades, at, mask.point([255 if cover > 10 else 0 for cover in range(256)]))


@cache
def font(size: int) -> Font:
    found = ImageFont.load_default(size)
    assert isinstance(found, Font), "this Pillow is built without FreeType"
    return found


def _fitted(title: str) -> tuple[Font, list[str]]:
    """As large as fits in a few lines; a title that is too long ends with dots."""
    for size in TITLE_SIZES:
        lines = _wrapped(title, font(size))
        if len(lines) <= MOST_LINES - (size > 60):
            return font(size), lines
    return font(size), [*lines[: MOST_LINES - 1], f"{lines[MOST_LINES - 1]} …"]


def _wrapped(title: str, chosen: Font) -> list[str]:
    """Between words; a word that is wider than the card also after a dot, a bracket, an underscore."""
    room = WIDTH - LEFT - RIGHT
    lines = [""]
    for word in title.split():
        parts = [word] if chosen.getlength(word) <= room else re.findall(r"[^._(]{1,24}[._(]*|[._(]+", word)
        for number, part in enumerate(parts):
            added = f" {part}" if lines[-1] and number == 0 else part
            if lines[-1] and chosen.getlength(lines[-1] + added) > room:
                lines.append(part)
            else:
                lines[-1] += added
    return lines
