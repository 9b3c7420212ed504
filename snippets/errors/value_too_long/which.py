# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy>=2.0"]
# ///
from sqlalchemy import String, inspect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Bookmark(Base):
    __tablename__ = "bookmarks"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(100))
    url: Mapped[str] = mapped_column(String(30))


# --8<-- [start:which]
def too_long(row: Base) -> list[str]:
    found, values = [], inspect(row).dict
    for attribute in inspect(type(row)).column_attrs:
        value, limit = values.get(attribute.key), getattr(attribute.columns[0].type, "length", None)
        if limit and isinstance(value, str) and len(value) > limit:
            found.append(f"{attribute.key}: {len(value)} of {limit}")
    return found


# --8<-- [end:which]


def main() -> None:
    # --8<-- [start:ask]
    print(too_long(Bookmark(title="Search", url="https://example.com/search?page=2")))
    #> ['url: 33 of 30']
    # --8<-- [end:ask]


if __name__ == "__main__":
    main()
