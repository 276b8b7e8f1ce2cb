"""A sender of video in a process of its own: `python stream_peer.py URL FORMAT WIDTH HEIGHT`.

Sends 25 pictures a second, each uniformly as bright as its number (modulo 200, plus 20). Lines on standard input:
`pause`, `run`, `size W H`. After every picture it prints its number.
"""

import queue
import subprocess
import sys
import threading
import time
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

RATE_HZ = 25


def level(number: int) -> int:
    """How bright a picture is."""
    return 20 + number % 200


class Peer:
    """The test's hand on a sender."""

    def __init__(self, url: str, form: str = "mpegts", size: tuple[int, int] = (160, 96)) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).resolve()), url, form, *map(str, size)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
        )  # fmt: skip
        self._sent = threading.Condition()
        self.number = -1
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def tell(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def wait_for_more(self, count: int, timeout_s: float = 30.0) -> int:
        """Wait until so many more pictures were sent; the number of the last."""
        with self._sent:
            wanted = self.number + count
            assert self._sent.wait_for(lambda: self.number >= wanted, timeout_s)
            return self.number

    def stop(self) -> None:
        self._process.kill()
        self._process.wait(10)
        self._thread.join(10)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            with self._sent:
                self.number = int(line)
                self._sent.notify_all()


def send(url: str, form: str, size: tuple[int, int]) -> None:
    """Send until the process is ended."""
    commands: queue.Queue[str] = queue.Queue()
    threading.Thread(target=lambda: [commands.put(line) for line in sys.stdin], daemon=True).start()
    number, is_running, begin = 0, True, time.monotonic()
    while True:
        with av.open(url, "w", format=form, options={"pkt_size": "1316"}) as container:
            stream = container.add_stream("mpeg2video", rate=RATE_HZ, options={"g": "5", "bf": "0"})
            stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
            is_changed = False
            while not is_changed:
                while not commands.empty():
                    word, *numbers = commands.get().split()
                    is_running = word != "pause"
                    if word == "size":
                        size, is_changed = (int(numbers[0]), int(numbers[1])), True
                time.sleep(max(0.0, begin + number / RATE_HZ - time.monotonic()))
                if not is_running:
                    begin += 1 / RATE_HZ
                    time.sleep(1 / RATE_HZ)
                    continue
                pixels = np.full((stream.height * 3 // 2, stream.width), 128, np.uint8)
                pixels[: stream.height] = level(number)
                frame = av.VideoFrame.from_ndarray(pixels, format="yuv420p")
                frame.pts, frame.time_base = number, Fraction(1, RATE_HZ)
                container.mux(stream.encode(frame))
                print(number, flush=True)
                number += 1


if __name__ == "__main__":
    send(sys.argv[1], sys.argv[2], (int(sys.argv[3]), int(sys.argv[4])))
