# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg"]
# ///
# also: asyncpg==0.31.*, asyncpg==0.30.*
# drivers: asyncpg (the parameter's name and the meaning of its values are its own)
# needs: openssl
import asyncio
import os
import ssl
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import InterfaceError
from sqlalchemy.ext.asyncio import create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL and the command openssl: "
    "DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)

LEVELS = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"]
SSL_REQUEST = 80877103


def make_certificate(folder: Path) -> Path:
    """A certificate for `localhost` that no authority has signed, and its key in the same file."""
    file = folder / "server.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    command += ["-nodes", "-days", "1", "-subj", "/CN=localhost"]
    command += ["-addext", "subjectAltName=DNS:localhost", "-keyout", "key.pem", "-out", "cert.pem"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    file.write_text((folder / "key.pem").read_text() + (folder / "cert.pem").read_text())
    return file


async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    writer.close()


class Front:
    """A real server behind it, and in front what `ssl = on` (or `off`) does before the first query."""

    def __init__(self, behind: URL, certificate: Path | None) -> None:
        self.behind = behind
        self.encrypted = False
        self.context: ssl.SSLContext | None = None
        if certificate:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(certificate)

    async def open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        host = str(self.behind.query.get("host") or self.behind.host or "localhost")
        port = self.behind.port or 5432
        if host.startswith("/"):
            return await asyncio.open_unix_connection(f"{host}/.s.PGSQL.{port}")
        return await asyncio.open_connection(host, port)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # The client hangs up when it does not like the answer: then there is nothing left to do.
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            first = await reader.readexactly(8)
            if int.from_bytes(first[4:], "big") == SSL_REQUEST:
                writer.write(b"S" if self.context else b"N")
                if self.context:
                    await writer.start_tls(self.context)
                    self.encrypted = True
                first = await reader.readexactly(8)
            behind_reader, behind_writer = await self.open()
            behind_writer.write(first)
            await asyncio.gather(copy(reader, behind_writer), copy(behind_reader, writer))
        writer.close()

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[int]:
        tasks: set[asyncio.Task[None]] = set()

        def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            tasks.add(asyncio.create_task(self.serve(reader, writer)))

        server = await asyncio.start_server(accept, "127.0.0.1", 0)
        try:
            yield int(server.sockets[0].getsockname()[1])
        finally:
            server.close()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks)


async def connect(front: Front, host: str, level: str | ssl.SSLContext) -> str:
    async with front.listening() as port:
        url = front.behind.set(host=host, port=port, query={"ssl": "disable"})  # Overridden below.
        engine = create_async_engine(url, connect_args={"ssl": level})
        try:
            async with engine.connect():
                return "encrypted" if front.encrypted else "not encrypted"
        except (OSError, InterfaceError) as error:
            return type(error).__name__
        finally:
            await engine.dispose()


@contextmanager
def environment(name: str, value: Path) -> Iterator[None]:
    before = os.environ.get(name)
    os.environ[name] = str(value)
    try:
        yield
    finally:
        del os.environ[name]
        if before is not None:
            os.environ[name] = before


# --8<-- [start:contexts]
def system_roots() -> ssl.SSLContext:
    return ssl.create_default_context()


def own_root(file: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=file)


# --8<-- [end:contexts]


async def row(level: str | ssl.SSLContext, behind: URL, certificate: Path) -> str:
    cells = [
        await connect(Front(behind, None), "localhost", level),
        await connect(Front(behind, certificate), "localhost", level),
        await connect(Front(behind, certificate), "127.0.0.1", level),
    ]
    return " | ".join(cells)


async def rows(behind: URL, certificate: Path) -> AsyncIterator[str]:
    for level in LEVELS:
        yield f"`{level}` | {await row(level, behind, certificate)}"
    yield f"`system_roots()` | {await row(system_roots(), behind, certificate)}"
    with environment("PGSSLROOTCERT", certificate):
        for level in ["require", "verify-ca", "verify-full"]:
            yield f"`{level}` and `PGSSLROOTCERT` | {await row(level, behind, certificate)}"
    yield f"`own_root(file)` | {await row(own_root(certificate), behind, certificate)}"


async def main() -> None:
    behind = make_url(DATABASE_URL)
    # asyncpg looks for `root.crt` in the home folder: here there is none.
    with tempfile.TemporaryDirectory() as folder, environment("HOME", Path("/home/app")):
        certificate = make_certificate(Path(folder))
        # --8<-- [start:levels]
        print("`ssl` | server without TLS | self-signed certificate | the same, another host name")
        #> `ssl` | server without TLS | self-signed certificate | the same, another host name
        async for cells in rows(behind, certificate):
            print(cells)
            #> `disable` | not encrypted | not encrypted | not encrypted
            #> `allow` | not encrypted | not encrypted | not encrypted
            #> `prefer` | not encrypted | encrypted | encrypted
            #> `require` | ConnectionError | encrypted | encrypted
            #> `verify-ca` | InterfaceError | InterfaceError | InterfaceError
            #> `verify-full` | InterfaceError | InterfaceError | InterfaceError
            #> `system_roots()` | ConnectionError | SSLCertVerificationError | SSLCertVerificationError
            #> `require` and `PGSSLROOTCERT` | ConnectionError | encrypted | encrypted
            #> `verify-ca` and `PGSSLROOTCERT` | ConnectionError | encrypted | encrypted
            #> `verify-full` and `PGSSLROOTCERT` | ConnectionError | encrypted | SSLCertVerificationError
            #> `own_root(file)` | ConnectionError | encrypted | SSLCertVerificationError
        # --8<-- [end:levels]
        engine = create_async_engine(behind.set(host="localhost", query={"ssl": "verify-full"}))
        # --8<-- [start:missing]
        try:
            await engine.connect()
        except InterfaceError as error:
            print(str(error.orig).splitlines()[0])
            #> root certificate file "/home/app/.postgresql/root.crt" does not exist or cannot be accessed
        # --8<-- [end:missing]
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
