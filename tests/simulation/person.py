"""A person with four tabs on a laptop, a phone and a second browser, and what each of them is used for."""

from tests.simulation.browser import Browser
from tests.simulation.ledger import Ledger
from tests.simulation.messages import Answer, Request
from tests.simulation.tabs import Save, Tab
from tests.simulation.world import World

PHONE_PAUSES = (1, 1, 1, 1, 2, 3)  # days between visits
SECOND_PAUSES = (1, 1, 2, 3, 7, 13)
TABS = 4


class Person:
    def __init__(self, world: World) -> None:
        self.world = world
        self.ledger = Ledger()
        self.laptop = Browser(world, "laptop")
        self.tabs = [Tab(self.laptop, self.ledger) for _ in range(TABS)]
        self.phone = self._device("phone")
        self.second = self._device("second browser")
        self.phone_due = self.second_due = 0

    def _device(self, name: str) -> Tab:
        return Tab(Browser(self.world, name), self.ledger)

    @property
    def browsers(self) -> list[Browser]:
        return [self.laptop, self.phone.browser, self.second.browser]

    async def sign_in_everywhere(self) -> None:
        for browser in self.browsers:
            await browser.sign_in()

    async def buy_phone(self) -> None:
        self.phone = self._device("new phone")
        await self.phone.browser.sign_in()

    # A day

    async def live(self, day: int) -> None:
        """From morning to evening; what was left open yesterday goes on."""
        minute = self.world.chance.randrange(50)
        if day >= self.phone_due:
            self.world.clock.until(day, 7, minute)
            await self.glance(self.phone)
            self.phone_due = day + self.world.chance.choice(PHONE_PAUSES)
        self.world.clock.until(day, 9, minute)
        await self.begin()
        if day >= self.second_due:
            self.world.clock.until(day, 13, minute)
            await self.follow_link(self.second)
            self.second_due = day + self.world.chance.choice(SECOND_PAUSES)
        self.world.clock.until(day, 20, minute)
        await self.end()

    async def glance(self, phone: Tab) -> None:
        """The phone has thrown the browser out of its memory; a look, and now and then a note."""
        phone.browser.jar.close_browser()
        if not await phone.visit("/", site="none"):
            return
        if self.world.happens(0.4):
            await phone.open_editor("/entries/new")
            phone.type()
            await (phone.post() if self.world.happens(0.5) else phone.save())

    async def begin(self) -> None:
        """The laptop wakes up: all tabs at once with yesterday's cookies; then an hour of writing."""
        writer = self.tabs[1]
        if self.world.happens(0.2) and writer.editor is None:
            self.laptop.jar.close_browser()
        await self.burst(["/", f"/days/{self.world.clock.real.date()}", self.old_page()])
        if writer.editor is None:
            await writer.open_editor(self.page_to_write())
        for pause in self.world.chance.choices((1, 8, 35), k=2):
            self.world.clock.pass_by(minutes=pause)
            writer.type()
            await writer.save()
        if self.world.happens(0.05):
            await self.write_twice()

    async def end(self) -> None:
        """All tabs at once after hours away from them; the editor may stay open for the night."""
        await self.burst(["/?before=" + self.cursor(), "/bin", self.old_page()], htmx=True)
        if self.world.happens(0.5):
            writer = self.tabs[1]
            await writer.save("manual")  # nothing new in it, as a rule
            writer.editor = None

    async def follow_link(self, tab: Tab) -> None:
        """From a mail, say: cookies that are SameSite=Strict would stay behind."""
        tab.browser.jar.close_browser()
        if await tab.visit(self.old_page(), site="cross-site"):
            await tab.visit("/")

    async def burst(self, paths: list[str], htmx: bool = False) -> None:
        """Four tabs in the same moment: three read, and the one with an editor saves what it holds."""
        requests = [Request("GET", path, htmx=htmx and path.startswith("/?")) for path in paths]
        save = self.unsaved()
        if save:
            requests.append(self.tabs[1].request(save))
        answers = await self.laptop.send(*requests)
        self.world.count("bursts")
        for request, answer in zip(requests[: len(paths)], answers, strict=False):
            await self.laptop.settle(request, answer)
        if save:
            await self.tabs[1].finish(save, answers[-1])

    def unsaved(self) -> Save | None:
        writer = self.tabs[1]
        if writer.editor is None:
            return None
        writer.type()
        return writer.next_save()

    async def write_twice(self) -> None:
        """The same entry open in two places; the one that saves later is told so, and loses no word."""
        first, later = self.tabs[2], self.world.chance.choice((self.tabs[3], self.phone))
        path = f"{self.old_page()}/edit"
        if not path.startswith("/entries/"):
            return
        for tab in (first, later):
            await tab.open_editor(path)
            tab.type()
        await first.save("manual")
        conflict: Answer = await later.lose()
        if self.world.happens(0.5):
            await later.insist(conflict)
        first.editor = later.editor = None

    # Places

    def old_page(self) -> str:
        """An entry of this person's that no tab holds open."""
        held = self.tabs[1].editor.uid if self.tabs[1].editor else ""
        uids = [uid for uid in self.ledger.entries if uid != held]
        return f"/entries/{self.world.chance.choice(uids)}" if uids else "/"

    def page_to_write(self) -> str:
        page = self.old_page()
        return f"{page}/edit" if page != "/" and self.world.happens(0.2) else "/entries/new"

    def cursor(self) -> str:
        day, uid = self.world.clock.real.date(), self.old_page().rpartition("/")[2]
        return f"{day}.{uid or '0' * 8 + '-0000-4000-8000-' + '0' * 12}"
