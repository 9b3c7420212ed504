"""What differs between a laptop, a test and production: each value is an environment variable."""

from typing import Annotated

from pydantic import BeforeValidator, Field, InstanceOf
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from sqlalchemy import URL, make_url

# NoDecode: a URL is a tuple, and pydantic-settings would read a tuple as JSON.
DatabaseURL = Annotated[InstanceOf[URL], NoDecode, BeforeValidator(make_url)]


class Settings(BaseSettings):
    # hide_input_in_errors: a mistyped setting must not print the others, the password among them.
    model_config = SettingsConfigDict(env_file=".env", extra="ignore", hide_input_in_errors=True)

    database_url: DatabaseURL = Field(repr=False)
    pool_size: int = 10
    """For each process. All pools of all processes must fit below max_connections."""
    pool_timeout: float = 5
    statement_timeout: str = "10s"
    slow_query_ms: float = 200
    log_level: str = "INFO"
