"""Every page on phone and desktop, light and dark: accessibility (axe), overflow, target and file sizes."""

import asyncio
import gzip
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest
from playwright.async_api import BrowserContext, Page, expect

from journal import clock
from journal.web.assets import HTMX, loaded
from tests.browser.conftest import Chromium, Windows, join, lose_session, register, sign_in, write
from tests.browser.editing import body, box, is_saved, requested
from tests.servers import Server

pytestmark = pytest.mark.slow

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 800}
NARROWEST = {"width": 320, "height": 568}
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# All other rules find the same in dark and in light, and colours are the same on a phone.
COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
RULES = {"light": STANDARDS, "dark": COLOURS}
AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text(encoding="utf-8")
# Every element of Markdown, long words everywhere, three scripts.
RICH = """### A heading

- [x] done, with a note[^1]
- [ ] to do
  1. nested
  2. list

> A quotation with `code` and *emphasis* and a [link](https://example.org/).

```python
def a_function_with_a_long_name(with_an_argument: str, and_another_one: int) -> dict[str, int]: ...
```

| a column | another column | numbers | a fourth one | and a fifth | the sixth of them |
|---|:-:|--:|---|---|---|
| Donaudampfschifffahrtsgesellschaft | two | 3,141,592 | four | five | Rechtsschutzversicherung |

https://example.org/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa

日本語の文章もあります。

وهذه جملة بالعربية.

[^1]: It stands at the end.
"""
LONG = "Averylongtitlethatsomebodypastedwithoutanyspaces" * 3


@dataclass
class Gallery:
    site: Server
    name: str
    cookies: Any
    paths: dict[str, str]


@pytest.fixture(scope="module")
async def gallery(chromium: Chromium, site: Server) -> Gallery:
    """An account with content on every page."""
    context = (await chromium.window()).context
    name = await join(context, site)
    await write(context, site, "Nothing much.", day="2024-05-30", mood="okay", tags="yesterday")
    today = clock.today("UTC")
    for years in (4, 8):  # four years apart, so that 29 February exists as well
        await write(context, site, RICH, title=LONG, day=f"{today.year - years}-{today:%m-%d}")
    await write(context, site, "Long ago.", day="1660-05-30")
    tags = f"한국어, {LONG[:60]}"
    rich = await write(context, site, RICH, title=LONG, tags=tags, mood="good", day="2024-05-31")
    await context.request.post(f"{rich}/star", max_redirects=0)
    await context.request.post(rich, form={"body": RICH + "\nMore.", "version": "1"}, max_redirects=0)
    binned = await write(context, site, "Better not.", title="Thrown away")
    await context.request.post(f"{binned}/deletion", max_redirects=0)
    paths = {"timeline": "/", "entry": rich, "editor": f"{rich}/edit", "versions": f"{rich}/revisions"}
    paths |= {"undo": f"/?deleted={binned.rpartition('/')[2]}", "entry in the bin": binned, "bin": "/bin"}
    paths |= {"deleting for good": f"/bin/{binned.rpartition('/')[2]}/deletion"}
    paths |= {"emptying the bin": "/bin/deletion", "tags": "/tags", "tags by name": "/tags?sort=name"}
    paths |= {"tag": f"/tags/{LONG[:60]}", "unknown tag": "/tags/nothing", "no such tag": "/tags?q=nothing"}
    paths |= {"renamed": f"/tags/{LONG[:60]}?changed=2&old={LONG}", "starred": "/starred"}
    paths |= {"statistics": "/statistics?year=2024", "moods": "/statistics?year=2024&by=mood"}
    paths |= {"renaming": f"/tags/{LONG[:60]}?changed=2&old={LONG}&after=x"}
    paths |= {"day": "/days/2024-05-31", "empty day": "/days/2020-02-29", "new entry": "/entries/new"}
    for title in ("Morning pages", LONG[:80]):
        form = {"name": title, "title": LONG, "body": RICH}
        assert (await context.request.post(f"{site.url}/templates", form=form, max_redirects=0)).status == 303
    templates = await (await context.request.get(f"{site.url}/templates")).text()
    form = {"body": f"{LONG}?\n今日は何を歌いましたか。"}
    await context.request.post(f"{site.url}/prompts", form=form, max_redirects=0)
    prompts = await (await context.request.get(f"{site.url}/prompts")).text()
    template = re.findall(r"/templates/([0-9]+)\"", templates)[-1]
    paths |= {"templates": "/templates?deleted=1", "new template": "/templates/new"}
    paths |= {"template": f"/templates/{template}", "filled entry": f"/entries/new?template={template}"}
    paths |= {"prompts": "/prompts?removed=1", "prompt": re.findall(r"/prompts/[0-9]+(?=\")", prompts)[-1]}
    paths |= {"search": "/search?q=sentence+-nothing", "search, nothing found": "/search?q=mood:happy+zzz"}
    paths |= {
        "settings": "/settings",
        "security": "/settings/security",
        "keys": "/keys",
        "not found": "/nowhere",
    }
    paths |= {"month": "/calendar/2024/05", "empty month": "/calendar/9999/12", "this month": "/calendar"}
    paths |= {"year": "/calendar/2024", "this year": f"/calendar/{today.year}"}
    paths |= {
        "on this day": "/on-this-day",
        "on a date": "/on-this-day/05-31",
        "on a leap day": "/on-this-day/02-29",
    }
    paths |= {"imports": "/imports", "export": "/settings/export", **await imports_of(context, site)}
    cookies = await context.storage_state()
    await chromium.close(context)
    return Gallery(site, name, cookies, paths)


async def imports_of(context: BrowserContext, site: Server) -> dict[str, str]:
    """Imports that wait for a click, have brought their entries, and could not be read."""
    found = {}
    for name, content in (("unread", b"words"), ("preview", RICH.encode()), ("imported", RICH.encode())):
        suffix = "doc" if name == "unread" else "md"
        file = {"name": f"2024-05-31 {name}{LONG}.{suffix}", "mimeType": "text/plain", "buffer": content}
        answer = await context.request.post(f"{site.url}/imports", multipart={"file": file}, max_redirects=0)
        path = found[f"import, {name}"] = answer.headers["location"]
        await settled(context, site, path)
    await context.request.post(f"{site.url}{path}/start", max_redirects=0)
    await settled(context, site, path)
    return found


async def settled(context: BrowserContext, site: Server, path: str) -> None:
    while "<noscript><meta" in await (await context.request.get(f"{site.url}{path}")).text():
        await asyncio.sleep(0.05)


Visit = Callable[[str], Awaitable[None]]


async def walk(windows: Windows, gallery: Gallery, look: Visit, page: Page) -> None:
    """Visits every page and every state of a page that looks different, signed in."""
    for name, path in gallery.paths.items():
        await page.goto(path)
        await expect(page.locator("h1")).to_have_count(1)
        await look(name)

    await page.goto("/settings")
    await page.get_by_label("Time zone").fill("Middle/Earth")
    await page.get_by_role("button", name="Save", exact=True).click()
    await expect(page.locator("#zone-error")).to_be_visible()
    await look("settings with an error")

    await page.goto("/templates/new")
    await page.get_by_label("Name").fill("x")
    await page.get_by_role("button", name="Save", exact=True).click()
    await expect(page.locator("#body-error")).to_be_visible()
    await look("template with an error")
    await page.goto("/prompts")
    await page.locator(".built-in summary").click()
    await look("all prompts")
    await page.goto("/entries/new")
    await page.locator(".template-menu summary").click()
    await look("new entry with the menu of templates open")

    await page.goto(gallery.paths["statistics"])
    for summary in await page.get_by_text("The same as a table").all():
        await summary.click()
    await look("statistics with their tables")
    await page.get_by_role("link", name="By mood").click()
    await expect(page.locator("figcaption")).to_contain_text("Without a mood")
    await look("statistics of moods, swapped in")

    await page.goto(gallery.paths["tag"])
    await page.get_by_text("Rename this tag").click()
    await page.get_by_label("New name").fill("a, b")
    await page.get_by_role("button", name="Rename").click()
    await expect(page.locator("#name-error")).to_be_visible()
    await look("tag with an error")

    await page.goto(gallery.paths["editor"])
    await page.get_by_text("Tags, mood").click()
    await page.get_by_label("Tags, with commas").press("End")
    await page.keyboard.type(", yes")
    await expect(page.get_by_role("button", name="yesterday")).to_be_visible()
    for _ in ", yes":
        await page.keyboard.press("Backspace")
    if await page.locator("#more").is_visible():
        await page.locator("#more").click()
    await page.get_by_role("button", name="Preview").click()
    await expect(page.locator("#preview h3")).to_be_visible()
    await look("editor with everything open")
    await page.get_by_role("button", name="Preview").click()
    await page.get_by_role("button", name="Focus").click()
    await look("editor with nothing but the text")
    await page.keyboard.press("F2")
    await page.keyboard.press("F8")
    await look("editor with the text blurred")
    await page.keyboard.press("F8")
    await body(page).press("Escape")
    await page.keyboard.press("?")
    await expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    await look("keys")
    await page.keyboard.press("Escape")
    version = await page.locator("[name=version]").input_value()
    await body(page).fill(f"{RICH} {version}")
    await page.keyboard.press("Control+s")
    await is_saved(page)
    await look("editor, saved")
    form = {"body": f"{RICH} from elsewhere {version}", "version": str(int(version) + 1)}
    await page.context.request.post(gallery.paths["entry"], form=form, max_redirects=0)
    await body(page).fill(f"{RICH} from here {version}")
    await page.keyboard.press("Control+s")
    await page.get_by_text("Read the other").click()
    await look("editor in a conflict")
    await page.evaluate("document.querySelector('#editor').submit()")  # as without a script
    await expect(page.get_by_role("heading", name="Two versions")).to_be_visible()
    await look("two versions")

    await page.goto("/entries/new")
    await body(page).fill("x")
    await page.get_by_label("Title").fill("x" * 301)
    await page.keyboard.press("Control+s")
    await expect(page.locator("#title-error")).to_contain_text("this one has 301.")
    await look("editor with an error")
    await page.get_by_label("Title").fill("")
    await lose_session(page)
    await page.keyboard.press("Control+s")
    await expect(page.get_by_role("dialog")).to_be_visible()
    await look("sign-in dialog")
    await sign_in(page, gallery.name, "not the password")
    await expect(page.get_by_role("dialog").get_by_role("alert")).to_be_visible()
    await look("sign-in dialog with an error")


async def walk_signed_out(look: Visit, page: Page) -> None:
    await page.goto("/")
    await look("front door")
    await page.goto("/register")
    await look("registration")
    await register(page, "@", "a@b", "password")
    await expect(page.locator("#password-error")).to_be_visible()
    await look("registration with errors")
    await page.goto("/login")
    await look("sign-in")
    await sign_in(page, "Nobody", "not the password")
    await expect(page.get_by_role("alert")).to_be_visible()
    await look("sign-in with an error")


FORESEEN = ("401", "404", "409", "422")


@pytest.mark.parametrize(
    ("viewport", "scheme"),
    [(PHONE, "light"), (DESK, "light"), (DESK, "dark")],
    ids=["phone", "desk", "desk-dark"],
)
async def test_axe_finds_nothing_on_any_page_by_day_or_night(
    windows: Windows, gallery: Gallery, viewport: dict[str, int], scheme: str
) -> None:
    windows.foresee(*FORESEEN)
    found: list[str] = []

    def looker(page: Page) -> Visit:
        async def look(name: str) -> None:
            await page.evaluate(AXE)
            options = {"runOnly": RULES[scheme], "resultTypes": ["violations"], "preload": False}
            answer = await page.evaluate("options => axe.run(document, options)", options)
            found.extend(
                f"{name}: {violation['id']}: {node['html']}"
                for violation in answer["violations"]
                for node in violation["nodes"]
            )

        return look

    looks = {"base_url": gallery.site.url, "viewport": viewport, "color_scheme": scheme}
    page = await windows.open(**looks, storage_state=gallery.cookies, reduced_motion="reduce")
    stranger = await windows.open(**looks, reduced_motion="reduce")
    await asyncio.gather(
        walk(windows, gallery, looker(page), page), walk_signed_out(looker(stranger), stranger)
    )
    assert found == []


async def test_nothing_is_wider_than_the_narrowest_phone(windows: Windows, gallery: Gallery) -> None:
    windows.foresee(*FORESEEN)
    wide: list[str] = []

    def looker(page: Page) -> Visit:
        async def look(name: str) -> None:
            width = await page.evaluate("document.documentElement.scrollWidth")
            if width > NARROWEST["width"]:
                wide.append(f"{name}: {width}")

        return look

    page = await windows.open(
        base_url=gallery.site.url, viewport=NARROWEST, storage_state=gallery.cookies, reduced_motion="reduce"
    )
    stranger = await windows.open(base_url=gallery.site.url, viewport=NARROWEST)
    await walk(windows, gallery, looker(page), page)
    await walk_signed_out(looker(stranger), stranger)
    assert wide == []


async def test_the_bar_is_one_line_however_wide_the_window_is(ann: Page) -> None:
    """Also on a small laptop at 200% zoom, and on a tablet."""
    await ann.goto("/bin")
    for width in (390, 640, 700, 768, 820, 848, 863, 864, 900, 1024):
        await ann.set_viewport_size({"width": width, "height": 600})
        assert await ann.evaluate("document.documentElement.scrollWidth") <= width, width
        assert (await ann.locator(".site-header").evaluate("bar => bar.offsetHeight")) <= 64, width


async def test_who_walks_through_the_years_by_keys_stays_where_they_were(ann: Page, site: Server) -> None:
    await write(ann.context, site, "Words.", day="2024-05-31", mood="good")
    await ann.goto("/statistics?year=2024")
    await ann.locator("#year").get_by_role("link", name="2023").focus()
    for year in (2023, 2022):
        await ann.keyboard.press("Enter")
        await expect(ann.get_by_role("heading", name=f"{year}, day by day")).to_be_visible()
        await expect(ann.get_by_role("link", name=f"{year - 1}")).to_be_focused()
    await ann.get_by_role("link", name="By mood").press("Enter")
    await expect(ann.locator("b", has_text="By mood")).to_be_focused()


async def test_what_a_thumb_or_a_pointer_hits_is_44_pixels_high(windows: Windows, gallery: Gallery) -> None:
    page = await windows.open(base_url=gallery.site.url, viewport=PHONE, storage_state=gallery.cookies)
    for name in (
        "timeline",
        "entry",
        "editor",
        "new entry",
        "settings",
        "templates",
        "template",
        "prompts",
        "month",
        "tags",
        "tag",
        "starred",
    ):
        await page.goto(gallery.paths[name])
        small = await page.evaluate("""
            [...document.querySelectorAll("button, .button, nav a, summary, select, input")]
              .filter(e => !["radio", "checkbox"].includes(e.type)) // their labels are that high
              .filter(e => !e.closest(".prose"))
              .filter(e => e.checkVisibility() && e.getBoundingClientRect().height < 43.5)
              .map(e => e.outerHTML)
        """)
        assert small == [], name


async def test_the_bar_of_the_editor_lies_below_the_text_on_the_smallest_screen(
    windows: Windows, gallery: Gallery
) -> None:
    for height in (568, 340):  # 340: with the keyboard of a phone open
        viewport = {"width": 320, "height": height}
        page = await windows.open(base_url=gallery.site.url, viewport=viewport, storage_state=gallery.cookies)
        await page.goto(gallery.paths["editor"])
        text, bar = await box(body(page)), await box(page.locator(".editor-footer"))
        assert text["y"] + text["height"] <= bar["y"] + 0.5
        assert bar["y"] + bar["height"] <= height + 0.5  # and both are on the screen
        assert text["height"] >= 96


async def test_the_first_view_takes_few_requests_and_bytes(windows: Windows, gallery: Gallery) -> None:
    page = await windows.open(base_url=gallery.site.url, storage_state=gallery.cookies)
    stranger = await windows.open(base_url=gallery.site.url)
    for visitor, path in [(stranger, "/"), (page, "/entries/new")]:
        asked = requested(visitor, "")
        await visitor.goto(path, wait_until="networkidle")
        assert all(url.startswith(gallery.site.url) for url in asked)
        assert len([url for url in asked if "/icons/" not in url]) <= 6
    await join(stranger.context, gallery.site)  # a new account, without entries
    assert len(await (await stranger.request.get("/entries/new")).body()) <= 6_500


def test_scripts_and_styles_keep_to_their_budgets() -> None:
    """The editor, which loads most, with each file compressed as a proxy does it."""

    def size(*names: str) -> int:
        bodies = [asset.body for path, asset in loaded().files.items() if path.startswith(names)]
        assert len(bodies) >= len(names)
        return sum(len(gzip.compress(body, 9)) for body in bodies)

    styles, htmx = size("css/"), size(HTMX.removesuffix("js"))
    scripts = size("js/editor.")
    assert styles <= 9_000
    assert scripts <= 12_000
    assert styles + scripts + htmx <= 38_000
