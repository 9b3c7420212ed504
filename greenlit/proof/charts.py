"""Record the charts of the pool guide with the lab, on a server of our own: `make charts`

Timings differ from machine to machine, so nothing compares them: what is committed is what one machine did,
and the picture says which. A test holds each picture to its data.
"""

from __future__ import annotations

import subprocess
import sys

from greenlit.project import HERE

SIZES = "--sizes 1,2,3,5,8,12,20,32"
CHARTS = {
    "wait_asyncpg": f"--driver asyncpg --query wait {SIZES}",
    "wait_psycopg": f"--driver psycopg --query wait {SIZES}",
    "cpu_asyncpg": f"--driver asyncpg --query cpu {SIZES}",
    "cpu_psycopg": f"--driver psycopg --query cpu {SIZES}",
    "arrivals": "--driver asyncpg --query wait --rate 200 --sizes 2,3,4,6 --seconds 8",
}
"""The name of a chart, and the options with which the lab records it."""


BENCH = "drivers"
"""The name of the chart that the comparison of the drivers records."""


def main() -> None:
    from greenlit.proof.services import own_server  # The site is built without a database's driver.

    HERE.charts.mkdir(exist_ok=True)
    with own_server("max_connections = 100") as server:
        for name, options in CHARTS.items():
            print(f"{name}: {options}", flush=True)
            lab = [
                sys.executable,
                str(HERE.snippets / "lab" / "lab.py"),
                "--url",
                server.get_uri(),
                *options.split(),
            ]
            subprocess.run([*lab, "--out", str(HERE.charts / name)], check=True)


if __name__ == "__main__":
    main()
