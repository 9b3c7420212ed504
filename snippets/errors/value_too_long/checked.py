# /// script
# requires-python = ">=3.11"
# dependencies = ["pydantic>=2"]
# ///
from pydantic import BaseModel, Field, ValidationError


# --8<-- [start:body]
class NewBookmark(BaseModel):
    url: str = Field(max_length=30)


# --8<-- [end:body]


def main() -> None:
    # --8<-- [start:ask]
    try:
        NewBookmark(url="https://example.com/search?page=2")
    except ValidationError as error:
        print(error.errors()[0]["msg"])
        #> String should have at most 30 characters
    # --8<-- [end:ask]


if __name__ == "__main__":
    main()
