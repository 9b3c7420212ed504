# /// script
# requires-python = ">=3.11"
# dependencies = ["pydantic"]
# ///
from pydantic import BaseModel, EmailStr


def define() -> None:
    # --8<-- [start:define]
    try:

        class UserCreate(BaseModel):
            email: EmailStr

    except ImportError as error:
        print(error)
        #> email-validator is not installed, run `pip install 'pydantic[email]'`
    # --8<-- [end:define]


if __name__ == "__main__":
    define()
