# /// script
# requires-python = ">=3.11"
# dependencies = ["pydantic>=2"]
# ///
from pydantic import BaseModel, Field, ValidationError


# --8<-- [start:body]
class Wanted(BaseModel):
    ids: list[int] = Field(max_length=1_000)


# --8<-- [end:body]


def main() -> None:
    # --8<-- [start:ask]
    try:
        Wanted(ids=list(range(70_000)))
    except ValidationError as error:
        print(error.errors()[0]["msg"])
        #> List should have at most 1000 items after validation, not 70000
    # --8<-- [end:ask]


if __name__ == "__main__":
    main()
