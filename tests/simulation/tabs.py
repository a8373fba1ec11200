"""A tab: reads pages, holds an editor open for days, and saves until the site has said so."""

from dataclasses import dataclass
from uuid import UUID

from tests.simulation.browser import TRIES, Browser
from tests.simulation.ledger import Ledger
from tests.simulation.messages import Answer, Request

GIVING_UP = 0.5  # of those who see an error page
WORDS = ["rain", "train", "garden", "letter", "bread", "river", "Maria", "window", "piano", "winter"]


@dataclass
class Editor:
    """The page of one entry as it stands in its fields; `version` is the one that it is based on."""

    uid: str
    version: int
    owner: str
    day: str
    body: str


@dataclass
class Save:
    """One save, the same however often it is sent. `after` is one before it that was never answered."""

    editor: Editor
    id: str
    kind: str
    after: str = ""

    @property
    def form(self) -> dict[str, str]:
        page = self.editor
        form = {"title": "A day", "body": page.body, "day": page.day, "tags": "home, work", "mood": "good"}
        form |= {"version": str(page.version), "save": self.id, "owner": page.owner, "kind": self.kind}
        return form | ({"after": self.after} if self.after else {})

    @property
    def allowed(self) -> set[int]:
        return {self.editor.version + 1} | ({self.editor.version + 2} if self.after else set())


class Tab:
    def __init__(self, browser: Browser, ledger: Ledger) -> None:
        self.browser, self.world, self.ledger = browser, browser.world, ledger
        self.editor: Editor | None = None

    # Reading

    async def visit(self, path: str, site: str = "same-origin") -> Answer | None:
        """The page, or None where its person saw an error and went away."""
        request = Request("GET", path, site=site)
        for _ in range(TRIES):
            answer = await self.browser.ask(request)
            if answer.status < 400:
                return answer
            if self.world.happens(GIVING_UP):
                return None
        raise AssertionError(f"{path} is broken for good")

    async def open_editor(self, path: str) -> Editor:
        """Errors are reloaded: this person is here to write."""
        answer = None
        while answer is None:
            answer = await self.visit(path)
        uid = answer.body.partition('action="/entries/')[2].partition('"')[0]
        assert len(uid) == 36, answer
        self.editor = Editor(
            uid,
            int(answer.field("version")),
            answer.field("owner"),
            answer.field("day"),
            answer.field("body"),
        )
        return self.editor

    # Writing

    def type(self) -> None:
        """A sentence that nobody has ever written."""
        assert self.editor
        self.world.count("sentences")
        words = self.world.chance.choices(WORDS, k=8)
        sentence = f"{' '.join(words)} {self.world.tally.counts['sentences']}."
        self.editor.body = f"{self.editor.body} {sentence}".strip()

    def next_save(self, kind: str = "auto") -> Save:
        assert self.editor
        self.world.count("saves")
        return Save(self.editor, str(UUID(int=self.world.chance.getrandbits(128), version=4)), kind)

    def request(self, save: Save) -> Request:
        return Request("PUT", f"/entries/{save.editor.uid}", save.form, htmx=True)

    async def save(self, kind: str = "auto") -> None:
        save = self.next_save(kind)
        await self.finish(save, (await self.browser.send(self.request(save)))[0])

    async def finish(self, save: Save, answer: Answer | None) -> None:
        """Until it is acknowledged: the same save again, or one with more words that names it."""
        for _ in range(TRIES):
            if answer is not None and answer.status == 401:
                answer = await self.browser.settle(self.request(save), answer)
            if answer is not None and answer.status < 500:
                self._acknowledged(save, answer)
                return
            self.world.clock.pass_by(seconds=self.world.chance.randint(1, 30))
            save = self._again(save)
            answer = (await self.browser.send(self.request(save)))[0]
        raise AssertionError(f"a save of {save.editor.uid} is never answered")

    def _again(self, save: Save) -> Save:
        self.world.count("saves sent again")
        if save.after or not self.world.happens(0.3):
            return save
        self.type()
        later = self.next_save("leave")
        later.after = save.id
        return later

    def _acknowledged(self, save: Save, answer: Answer) -> None:
        page, said = save.editor, answer.header("x-save")
        if said == "conflict":
            self.world.tally.wrong.append(f"{page.uid}: a conflict, and nobody else writes there")
        if answer.version == page.version and self.ledger.entry(page.uid).body == page.body:
            return  # nothing new was in it
        self.ledger.acknowledge(page.uid, page.body, save.allowed, answer.version)
        page.version = answer.version

    async def post(self) -> None:
        """As a plain form, without scripts; reloaded where the answer was lost."""
        save = self.next_save("manual")
        request = Request("POST", f"/entries/{save.editor.uid}", save.form)
        answer = await self.browser.ask(request)
        while answer.status == 500:
            answer = await self.browser.ask(request)
        self._acknowledged(save, answer)

    # Two versions

    async def lose(self) -> Answer:
        """A save that comes too late: refused, and its words are kept."""
        save = self.next_save()
        answer = None
        while answer is None or answer.status == 500:
            answer = await self.browser.ask(self.request(save))
        self.world.count("conflicts")
        if answer.status != 409 or answer.header("x-save") != "conflict":
            self.world.tally.wrong.append(f"{save.editor.uid}: no conflict, though another tab was first")
        self.ledger.entry(save.editor.uid).lost_conflicts.append(save.editor.body)
        return answer

    async def insist(self, conflict: Answer) -> None:
        """Continue with mine."""
        assert self.editor
        entry = self.ledger.entry(self.editor.uid)
        entry.overruled.append(entry.body)
        self.editor.version = conflict.version
        await self.save("manual")
