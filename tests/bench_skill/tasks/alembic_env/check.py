import subprocess
import sys
from pathlib import Path

from tests.bench_skill.tools import ask

MODELS = """\
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

class Base(DeclarativeBase):
    pass

class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
"""
MORE = """
class Order(Base):
    __tablename__ = "orders"
    id: Mapped[int] = mapped_column(primary_key=True)
"""
REVISION = """\
import sqlalchemy as sa
from alembic import op

revision, down_revision = "1", None

def upgrade():
    op.create_table("users", sa.Column("id", sa.Integer(), primary_key=True, nullable=False))
"""
RUN = """\
import sys
from alembic.config import main
for command in sys.argv[1:]:
    main(command.split())
"""


def check(answer: str) -> None:
    Path("alembic/versions").mkdir(parents=True)
    files = {
        "alembic.ini": "[alembic]\nscript_location = alembic\nprepend_sys_path = .\npath_separator = os\n",
        "models.py": MODELS,
        "alembic/env.py": answer,
        "alembic/versions/1.py": REVISION,
        "run.py": RUN,
    }
    for name, text in files.items():
        Path(name).write_text(text)
    run("upgrade head", "check")
    assert ask("SELECT version_num FROM alembic_version") == [("1",)], "the revision is not recorded"
    assert "CREATE TABLE users" in run("upgrade head --sql"), "upgrade head --sql writes no CREATE TABLE"
    Path("models.py").write_text(MODELS + MORE)
    missed = subprocess.run([sys.executable, "run.py", "check"], capture_output=True, text=True, check=False)
    assert missed.returncode != 0, "check does not find the table that has no revision"


def run(*commands: str) -> str:
    done = subprocess.run([sys.executable, "run.py", *commands], capture_output=True, text=True, check=False)
    said = done.stderr.strip().splitlines() or [""]
    assert done.returncode == 0, f"alembic {' and '.join(commands)}: {said[-1]}"
    return done.stdout
