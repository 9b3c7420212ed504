"""The site on this machine, rebuilt as you type: `make serve`."""

from __future__ import annotations

import os
import socket
import sys


def main() -> None:
    port = sys.argv[1] if len(sys.argv) > 1 else "8000"
    if not port.isdigit():
        sys.exit(f"PORT={port} is not a number: try 'make serve PORT=8001'")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", int(port)))
        except OSError as error:
            sys.exit(f"port {port} cannot be used ({error.strerror}): try 'make serve PORT={int(port) + 1}'")
    # The pages offer `uv run http://...`: that must be where they are served.
    os.environ["SITE_URL"] = f"http://127.0.0.1:{port}/"
    # click 8.2.2 and later lose MkDocs' default for the last option; said outright, it works.
    arguments = ["-m", "mkdocs", "serve", "--dev-addr", f"127.0.0.1:{port}", "--livereload"]
    os.execv(sys.executable, [sys.executable, *arguments])


if __name__ == "__main__":
    main()
