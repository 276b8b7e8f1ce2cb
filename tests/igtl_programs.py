"""The example programs of the C++ library of OpenIGTLink, built from Debian's packages."""

import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

EXAMPLES = Path("/usr/share/doc/openigtlink-examples/examples")
LIBRARY = Path("/usr/include/openigtlink")


def built(name: str, folder: Path) -> Path:
    """One of the example programs, e.g. `Imager/ImagerServer`; skips where they are not installed."""
    if shutil.which("g++") is None or not LIBRARY.is_dir() or not EXAMPLES.is_dir():
        pytest.skip("needs g++ and Debian's libopenigtlink-dev and openigtlink-examples")
    source = EXAMPLES / f"{name}.cxx"
    program = folder / source.stem
    command = ["g++", "-w", "-I", str(LIBRARY), str(source), "-o", str(program), "-lOpenIGTLink", "-lpthread"]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return program


@contextmanager
def running(*command: object, log: Path | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """The program until the end of the block; what it says goes into `log`."""
    out = (log or Path("/dev/null")).open("wb")
    with out, subprocess.Popen(list(map(str, command)), stdout=out, stderr=subprocess.STDOUT) as process:
        try:
            yield process
        finally:
            process.kill()
            process.wait(30)


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])
