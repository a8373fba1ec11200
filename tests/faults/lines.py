"""A line between browser and server that is slow, or breaks, where a test wants it to."""

import contextlib
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


class Line:
    """Each connection carries one request; `breaks` says where the next saves end, then all arrive."""

    def __init__(self, port: int) -> None:
        self.to = port
        self.breaks: list[str] = []  # "before" it arrives, "half" of it, or the "answer"
        self.latency = 0.0  # seconds that each save takes longer
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        with contextlib.suppress(OSError):  # it was closed
            while True:
                client, _ = self.listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, contextlib.suppress(OSError):
            self._carry(client)

    def _carry(self, client: socket.socket) -> None:
        asked = whole(client)
        is_save = asked.startswith((b"PUT", b"POST"))
        where = self.breaks.pop(0) if self.breaks and is_save else ""
        time.sleep(self.latency * is_save)
        if where == "before":
            return
        with socket.create_connection(("127.0.0.1", self.to), timeout=30) as server:
            if where == "half":
                return server.sendall(asked[: len(asked) - 20])
            server.sendall(asked)
            answer = whole(server)
            if where != "answer":
                client.sendall(answer)


def whole(line: socket.socket) -> bytes:
    """A request or an answer, as far as its length says."""
    read = b""
    while b"\r\n\r\n" not in read:
        read += line.recv(65536) or b"\r\n\r\n"
    head, _, body = read.partition(b"\r\n\r\n")
    found = LENGTH.search(head)
    missing = (int(found[1]) if found else 0) - len(body)
    while missing > 0 and (piece := line.recv(65536)):
        read, missing = read + piece, missing - len(piece)
    return read


@contextmanager
def breaking(port: int) -> Iterator[Line]:
    line = Line(port)
    try:
        yield line
    finally:
        line.listener.close()
