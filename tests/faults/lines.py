"""TCP proxies between browser and server, and between server and database, that break when a test says so."""

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


class Swallowing:
    """Carries bytes both ways, until `swallow`: then the connections that are open stay open, and nothing
    arrives any more; new ones work. So do lines of a dead host, or through a firewall that forgets."""

    def __init__(self, port: int) -> None:
        self.to = port
        self.age = 0  # connections of an earlier age are silent
        self.sockets: list[tuple[int, socket.socket]] = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._listen, daemon=True).start()

    def swallow(self) -> None:
        self.age += 1

    def forget(self) -> None:
        """Ends the silent ones, as keepalive does at both ends after some seconds."""
        for age, line in self.sockets:
            if age < self.age:
                _end(line)
        self.sockets = [(age, line) for age, line in self.sockets if age == self.age]

    def _listen(self) -> None:
        with contextlib.suppress(OSError):  # it was closed
            while True:
                client, _ = self.listener.accept()
                server = socket.create_connection(("127.0.0.1", self.to))
                self.sockets += [(self.age, client), (self.age, server)]
                for ends in ((client, server), (server, client)):
                    threading.Thread(target=self._carry, args=(*ends, self.age), daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket, age: int) -> None:
        with contextlib.suppress(OSError):
            while piece := source.recv(65536):
                if age == self.age:
                    target.sendall(piece)
        if age == self.age:
            with contextlib.suppress(OSError):
                target.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        for line in (self.listener, *(line for _, line in self.sockets)):
            _end(line)


def _end(line: socket.socket) -> None:
    """Shuts it down first: closing alone would leave the thread that reads from it waiting."""
    with contextlib.suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)
    line.close()


@contextmanager
def swallowing(port: int) -> Iterator[Swallowing]:
    line = Swallowing(port)
    try:
        yield line
    finally:
        line.close()
