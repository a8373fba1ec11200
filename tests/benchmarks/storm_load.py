"""Load for storm.py: reads timelines on a few connections and signs people in on many others."""

import asyncio
import json
import resource
import sys
import time
from itertools import count
from statistics import median, quantiles
from typing import Any
from urllib.parse import urlencode

import filled
import uvloop
from servers import LOOPBACK

LEAD = 2.0  # seconds of sign-ins before reading is timed
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Load:
    def __init__(self, asked: dict[str, Any]) -> None:
        self.asked = asked
        self.host = f"{LOOPBACK}:{asked['port']}"
        self.guests = count(asked["first"])
        self.reading: list[float] = []
        self.signing_in: list[float] = []
        self.failures = 0
        self.is_over = False

    async def run(self) -> dict[str, Any]:
        storm = [asyncio.create_task(self.sign_in_all_the_time()) for _ in range(self.asked["in_flight"])]
        await asyncio.sleep(LEAD)
        began, signed_in, cpu = time.perf_counter(), len(self.signing_in), _own_seconds()
        end = began + self.asked["seconds"]
        await asyncio.gather(*(self.read_until(end) for _ in range(self.asked["connections"])))
        took, cpu = time.perf_counter() - began, _own_seconds() - cpu
        timed = self.signing_in[signed_in:]
        self.is_over = True
        await asyncio.gather(*storm)
        marks = quantiles(self.reading, n=100)
        return {
            "reads": len(self.reading) / took,
            "p50": marks[49] * 1000,
            "p95": marks[94] * 1000,
            "p99": marks[98] * 1000,
            "sign_ins": len(timed) / took,
            "took": median(timed or [0.0]) * 1000,
            "failures": self.failures,
            "load": cpu / took,
            "guests": next(self.guests) - self.asked["first"],
        }

    async def read_until(self, end: float) -> None:
        page = f"GET / HTTP/1.1\r\nHost: {self.host}\r\nCookie: {self.asked['cookies']}\r\n\r\n".encode()
        streams = await self._connect()
        while (began := time.perf_counter()) < end:
            streams[1].write(page)
            status, body = await _answer(streams)
            self.reading.append(time.perf_counter() - began)
            self.failures += status != 200 or b"<article" not in body
            if self.asked["pause"]:
                await asyncio.sleep(self.asked["pause"])
        streams[1].close()

    async def sign_in_all_the_time(self) -> None:
        while not self.is_over:
            began = time.perf_counter()
            self.failures += await self._sign_in(filled.guest(next(self.guests))) != 303
            self.signing_in.append(time.perf_counter() - began)

    async def _sign_in(self, name: str) -> int:
        """Signs in on a new connection and returns the status."""
        form = urlencode({"username": name, "password": filled.PASSWORD})
        head = f"POST /login HTTP/1.1\r\nHost: {self.host}\r\nContent-Length: {len(form)}\r\n"
        head += "Content-Type: application/x-www-form-urlencoded\r\nConnection: close\r\n\r\n"
        streams = await self._connect()
        streams[1].write((head + form).encode())
        status, _ = await _answer(streams)
        streams[1].close()
        return status

    async def _connect(self) -> Streams:
        return await asyncio.open_connection(LOOPBACK, self.asked["port"], limit=2**20)


async def _answer(streams: Streams) -> tuple[int, bytes]:
    head = (await streams[0].readuntil(b"\r\n\r\n")).lower()
    length = int(head.partition(b"content-length:")[2].split(b"\r\n", 1)[0])
    return int(head.split(b" ", 2)[1]), await streams[0].readexactly(length)


def _own_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    print(json.dumps(uvloop.run(Load(json.loads(sys.argv[1])).run())))
