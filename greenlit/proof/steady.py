"""Does the proof pass wherever it is run, and beside whatever? `make steady`

It proves fresh clones of the last commit: three beside one busy loop for each core, the second of them as a shell or a
service starts it in the background, and one with nothing beside it. What fails only here is a defect of the proof.
"""

import argparse
import contextlib
import os
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator

from greenlit.project import HERE

ROUNDS = [("busy", "foreground"), ("busy", "background"), ("busy", "foreground"), ("idle", "foreground")]
BUSY = "import os, sys\nwhile os.getppid() == int(sys.argv[1]): pass"  # It ends with us, however we end.
OURS = {
    "MAKEFLAGS",
    "MAKELEVEL",
    "PYTHONPATH",
    "UV_PROJECT_ENVIRONMENT",
    "SITE_URL",
}  # Set by `make` for this checkout.


def main() -> None:
    parser = argparse.ArgumentParser(prog="make steady", description=__doc__)
    parser.add_argument("rounds", nargs="?", type=int, default=len(ROUNDS), help="how many of the four")
    parser.add_argument("--command", default=".ci/run", help=argparse.SUPPRESS)
    parser.add_argument("--checkout", default=HERE.root, help=argparse.SUPPRESS)
    options = parser.parse_args()
    stop: list[int] = []  # Not an exception: in the midst of starting a process, it would lose it.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda received, _: stop.append(received))
    table, failed = ["machine  place       minutes  result"], False
    for machine, place in ROUNDS[: options.rounds]:
        begun = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="greenlit-") as clone, _busy_loops(machine == "busy"):
            subprocess.run(["git", "clone", "--quiet", options.checkout, clone], check=True)
            status = _run(shlex.split(options.command), clone, place == "background", stop)
        if stop:
            sys.exit(128 + stop[0])
        failed |= status != 0
        minutes, result = (time.monotonic() - begun) / 60, f"exit {status}" if status else "passed"
        table.append(f"{machine}     {place}  {minutes:7.1f}  {result}")
        print("\n".join(table), flush=True)
    sys.exit(failed)


@contextlib.contextmanager
def _busy_loops(wanted: bool) -> Iterator[None]:
    with contextlib.ExitStack() as stack:
        for _ in range((os.cpu_count() or 1) if wanted else 0):
            loop = stack.enter_context(subprocess.Popen([sys.executable, "-c", BUSY, str(os.getpid())]))
            stack.callback(loop.kill)
        yield


def _run(command: list[str], clone: str, in_background: bool, stop: list[int]) -> int:
    """Run in a session of its own, so that all that it starts can be ended; its status, or what it got to before `stop`."""
    signals = f"--{'ignore' if in_background else 'default'}-signal=INT,HUP"
    stdin, out = (subprocess.DEVNULL, subprocess.PIPE) if in_background else (None, None)
    env = ["env", signals, *(f"--unset={name}" for name in OURS)]
    process = subprocess.Popen(
        [*env, *command], cwd=clone, stdin=stdin, stdout=out, stderr=subprocess.STDOUT, start_new_session=True
    )
    said = None
    while process.returncode is None and not stop:
        with contextlib.suppress(subprocess.TimeoutExpired):
            said, _ = process.communicate(timeout=0.2)
    with contextlib.suppress(ProcessLookupError, subprocess.TimeoutExpired):
        os.killpg(process.pid, signal.SIGINT)  # As Ctrl-C does: it stops its servers.
        process.wait(10)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    print((said or b"").decode(errors="replace"), end="", flush=True)
    return process.returncode


if __name__ == "__main__":
    main()
