"""The site on this machine, rebuilt as you type: `make serve`."""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
import tempfile
from pathlib import Path

from mkdocs.livereload import LiveReloadServer

from greenlit.project import HERE
from greenlit.site.preview import Preview, Restart

log = logging.getLogger("mkdocs.greenlit")


def main() -> None:
    port = sys.argv[1] if len(sys.argv) > 1 else "8000"
    _check(port)
    # The pages offer `uv run http://...`: that must be where they are served.
    url = os.environ["SITE_URL"] = f"http://127.0.0.1:{port}/"
    # Whatever ends it, the folder with the built site goes too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    logging.basicConfig(level=logging.INFO, format="%(levelname)-7s %(message)s")
    try:
        with tempfile.TemporaryDirectory(prefix="greenlit-site-") as folder:
            _serve(Preview(HERE, url, Path(folder)), int(port))
    except KeyboardInterrupt:
        log.info("Shutting down")
    except Restart:
        log.info("The machinery has changed: starting anew")
        os.execv(sys.executable, [sys.executable, "-m", "greenlit.site.serve", port])


def _check(port: str) -> None:
    if not port.isdigit():
        sys.exit(f"PORT={port} is not a number: try 'make serve PORT=8001'")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", int(port)))
        except OSError as error:
            sys.exit(f"port {port} cannot be used ({error.strerror}): try 'make serve PORT={int(port) + 1}'")


def _serve(preview: Preview, port: int) -> None:
    server = LiveReloadServer(
        builder=preview.refresh, host="127.0.0.1", port=port, root=str(preview.folder), polling_interval=0.3
    )
    missing = preview.folder / "404.html"
    server.error_handler = lambda code: missing.read_bytes() if code == 404 and missing.is_file() else None
    preview.refresh()
    # Through the link docs/snippets, the snippets are among the files of docs.
    for name in ("docs", "greenlit", "mkdocs.yml"):
        server.watch(str(preview.project.root / name))
    try:
        server.serve()  # type: ignore[no-untyped-call]
    finally:
        server.shutdown()


if __name__ == "__main__":
    main()
