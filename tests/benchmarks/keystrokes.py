"""Delay of a keystroke by our scripts in a text of 100 kB: `python tests/benchmarks/keystrokes.py`.

Chromium types into the editor of a real server: words, and lists that go on at Enter, with the preview shown
and the saves under way. Its own trace says what each of our functions took of the processor (with what the
browser did in it, an insertion for example), so that other load does not count. From the key to the paint is
in real time.
"""

import asyncio
import json
import os
import shutil
import statistics
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any

from playwright.async_api import Page, async_playwright

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

from journal.web.assets import loaded
from tests.servers import PASSWORD, serving

KEYS = 300
SIZE = 100_000  # bytes
SENTENCE = "We walked along the river as far as the old mill, and it rained all the way home. "
PAINTS = """
window.paints = [];
addEventListener("keydown", ({ timeStamp }) => requestAnimationFrame(() => {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => window.paints.push(performance.now() - timeStamp);
  port2.postMessage(0);
}), true);
"""


async def typed(folder: Path, text: str) -> tuple[list[dict[str, Any]], list[float]]:
    """The calls of functions in Chromium's trace, and the times from key to paint in ms."""
    with serving(folder) as server:
        async with async_playwright() as playwright:
            switches = ["--no-sandbox"] if os.geteuid() == 0 else []
            browser = await playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=switches
            )
            context = await browser.new_context(base_url=server.url, viewport={"width": 1280, "height": 800})
            form = {"username": "Ann", "email": "ann@example.org", "password": PASSWORD}
            await context.request.post(f"{server.url}/register", form=form)
            await context.add_init_script("localStorage.shown = 'on'")
            page = await context.new_page()
            await page.goto("/entries/new")
            await page.locator("#body").fill(text)
            await page.keyboard.press("Control+s")
            await page.wait_for_timeout(4_000)
            await browser.start_tracing(page=page, categories=["devtools.timeline"])
            paints = await strike(page)
            events = json.loads(await browser.stop_tracing())["traceEvents"]
            await browser.close()
            return [event for event in events if event["name"] == "FunctionCall"], paints


async def strike(page: Page) -> list[float]:
    await page.evaluate(PAINTS)
    for number in range(KEYS):
        await page.keyboard.press("Enter" if number % 30 == 29 else "e")
        await page.wait_for_timeout(2_000 if number % 100 == 99 else 40)
    return list(await page.evaluate("window.paints"))


def table(calls: list[dict[str, Any]], paints: list[float]) -> None:
    spent = defaultdict(list)
    for call in calls:
        data = call["args"]["data"]
        if "/static/js/" in data.get("url", "") and "tdur" in call:
            spent[LINES[data["lineNumber"] - 1][:60]].append(call["tdur"] / 1000)
    print(f"{'processor time in ms':60}{'calls':>7}{'median':>9}{'longest':>9}")
    for name, times in sorted(spent.items(), key=lambda item: -max(item[1])):
        print(f"{name:60}{len(times):7}{statistics.median(times):9.2f}{max(times):9.2f}")
    paints.sort()
    late = paints[int(len(paints) * 0.98) - 1]
    print(
        f"from the key to the paint: median {statistics.median(paints):.0f}, 98 in 100 within {late:.0f} ms"
    )


# The line on which a function begins identifies it.
LINES = (
    next(a.body for name, a in loaded().files.items() if name.startswith("js/editor.")).decode().splitlines()
)

if __name__ == "__main__":
    paragraphs = (SENTENCE * 6 + "\n\n") * (SIZE // (6 * len(SENTENCE) + 2)) + "- one"
    print(f"{len(paragraphs):,} bytes, {KEYS} keys, load average {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as folder:
        table(*asyncio.run(typed(Path(folder), paragraphs)))
