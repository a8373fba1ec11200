"""People who write on and on, as the page does: each save is sent as it was until it is answered."""

import random
import threading
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx

from journal import database
from journal.database import rows
from tests.servers import Server, host, joined

VERSIONS = 8  # of each entry, before the next one is begun
PAUSE = 0.05  # between two tries; a page waits longer
PATIENCE = 60  # for the last answer, when all is over


@dataclass(frozen=True)
class Save:
    uid: str
    body: str
    version: int
    id: str = field(default_factory=lambda: str(uuid4()))
    after: str = ""

    def fields(self) -> dict[str, str]:
        words = {"body": self.body, "version": str(self.version), "kind": "manual"}
        return words | {"save": self.id} | ({"after": self.after} if self.after else {})


class Writer:
    """`kept` is what was acknowledged: the text of each entry's each version; `wrong` what must not be."""

    def __init__(self, browser: httpx.Client, name: str, seed: int) -> None:
        self.browser, self.name = browser, name
        self.random = random.Random(seed)
        self.kept: dict[tuple[str, int], str] = {}
        self.sent: dict[str, Save] = {}
        self.answers: Counter[str] = Counter()
        self.wrong: list[str] = []
        self.stopping, self.given_up = threading.Event(), 0.0
        self.thread = threading.Thread(target=self._write)

    def _write(self) -> None:
        with closing(self.browser):
            while not self.stopping.is_set():
                self.write_entry()

    def write_entry(self) -> None:
        uid, version, number = str(uuid4()), 0, 0
        while number < VERSIONS and not self.wrong:
            number += 1
            version = self.save(Save(uid, self.text(number), version))

    def text(self, number: int) -> str:
        """Now and then a long one, which takes several pages of the database."""
        more = " and so on" * self.random.choice([0, 3, 30, 3000])
        return f"{self.name} wrote this as number {number} of {uuid4()}{more}."

    def save(self, save: Save) -> int:
        """The entry's version once the save is answered, however often it takes; at the end not for ever."""
        while (version := self.attempt(save)) is None:
            time.sleep(PAUSE)
            if self.stopping.is_set() and time.monotonic() > self.given_up:
                self.wrong.append(f"never answered: {save}")
                return save.version
            if not save.after and self.random.random() < 0.3:  # more was typed, and the page left
                save = Save(save.uid, f"{save.body} More.", save.version, after=save.id)
        return version

    def attempt(self, save: Save) -> int | None:
        self.sent[save.id] = save
        try:
            answer = self.browser.put(f"/entries/{save.uid}", data=save.fields())
        except httpx.TransportError as error:
            self.answers[type(error).__name__] += 1
            return None
        told = f"{answer.status_code} {answer.headers.get('X-Save', '')}".strip()
        self.answers[told] += 1
        if answer.status_code == 429 or answer.status_code >= 500:
            return None
        if answer.status_code not in (200, 303) or "X-Version" not in answer.headers:
            self.wrong.append(f"{told}: {save}")
            self.stopping.set()
            return save.version + 1
        version = int(answer.headers["X-Version"])
        self.kept[save.uid, version] = save.body
        return version


class Writers:
    """Several at once, each in a thread and with a browser of their own, the accounts in turn; they stop
    at the end."""

    def __init__(
        self, server: Server, count: int = 4, *, scripted: bool = True, people: Sequence[str] = ("Ann",)
    ) -> None:
        cookies = []
        for person in people:
            with joined(server, person) as browser:
                cookies.append(dict(browser.cookies))
        headers = {"Host": host(server)} | ({"HX-Request": "true"} if scripted else {})
        self.all = [
            Writer(
                httpx.Client(
                    base_url=f"http://127.0.0.1:{server.port}",
                    headers=headers,
                    cookies=cookies[number % len(people)],
                    timeout=15,
                ),
                f"Writer {number}",
                number,
            )
            for number in range(count)
        ]

    def __enter__(self) -> "Writers":
        for writer in self.all:
            writer.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        for writer in self.all:
            writer.given_up = time.monotonic() + PATIENCE
            writer.stopping.set()
        for writer in self.all:
            writer.thread.join()

    def go_on(self) -> None:
        """Returns when some more has been acknowledged, in the middle of what comes next."""
        wanted = self.acknowledged + random.randint(2, 12)
        deadline = time.monotonic() + 60
        while self.acknowledged < wanted:
            assert time.monotonic() < deadline, "nobody can write"
            time.sleep(0.002)
        time.sleep(random.random() * 0.02)

    def recovery(self, limit: float) -> float:
        """Seconds until each of them has had another save acknowledged, from now on."""
        began, before = time.monotonic(), [len(writer.kept) for writer in self.all]
        while any(len(writer.kept) <= count for writer, count in zip(self.all, before, strict=True)):
            assert time.monotonic() - began < limit, f"not everybody can write again after {limit} s"
            time.sleep(0.01)
        return time.monotonic() - began

    @property
    def acknowledged(self) -> int:
        return sum(len(writer.kept) for writer in self.all)

    @property
    def kept(self) -> dict[tuple[str, int], str]:
        return {key: text for writer in self.all for key, text in writer.kept.items()}

    @property
    def sent(self) -> dict[str, Save]:
        return {id: save for writer in self.all for id, save in writer.sent.items()}

    @property
    def answers(self) -> "Counter[str]":
        return sum((writer.answers for writer in self.all), Counter())

    @property
    def wrong(self) -> list[str]:
        return [wrong for writer in self.all for wrong in writer.wrong]


async def check(url: str, writers: Writers) -> None:
    """Every acknowledged save is there, once, with its own words; and nothing that nobody wrote."""
    assert not writers.wrong
    async with database.connected(url):
        entries: Any = await rows("SELECT id, uid, version, body FROM entries")
        revisions: Any = await rows("SELECT entry_id, number, version, body FROM revisions ORDER BY number")
        saves: Any = await rows("SELECT save_id FROM saves")
    stored = {(str(entry["uid"]), entry["version"]): entry["body"] for entry in entries}
    uids = {entry["id"]: str(entry["uid"]) for entry in entries}
    texts = Counter((uids[kept["entry_id"]], kept["version"]) for kept in revisions)
    earlier = {(uids[kept["entry_id"]], kept["version"]): kept["body"] for kept in revisions}
    kept = writers.kept
    assert {key: earlier.get(key) for key in kept} == kept, "lost from the versions"
    assert set(texts.values()) <= {1}, "a version twice"
    assert len(uids) == len(set(uids.values())) == len(stored), "an entry twice"
    last = {uid: max(version for of, version in kept if of == uid) for uid, _ in kept}
    assert {uid: kept[uid, version] for uid, version in last.items()} == {
        uid: body for (uid, version), body in stored.items()
    }, "the present text is another"
    assert {str(save["save_id"]) for save in saves} <= set(writers.sent), "saved though never sent"
    assert set(earlier.values()) <= {save.body for save in writers.sent.values()}
