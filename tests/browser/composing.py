"""An input method (IME) as browsers see one: a composition that is open, its end, and a key that it takes."""

from playwright.async_api import CDPSession, Page

# What is composed, and what is committed: by keyboards of phones, which only underline the word, ...
UNDERLINED = {
    "Latin": ("wonderful", "wonderful"),
    "Cyrillic": ("чудово", "чудово"),
    "Korean": ("안녕", "안녕"),
}
# ... and by those that wait for a choice.
CHOSEN = {"Japanese": ("にほん", "日本"), "Chinese": ("ni hao", "你好")}


class InputMethod:
    def __init__(self, session: CDPSession) -> None:
        self.session = session

    @classmethod
    async def of(cls, page: Page) -> "InputMethod":
        return cls(await page.context.new_cdp_session(page))

    async def compose(self, text: str) -> None:
        """Replaces what has been composed so far; the composition stays open."""
        place = {"selectionStart": len(text), "selectionEnd": len(text)}
        await self.session.send("Input.imeSetComposition", {"text": text, **place})

    async def spell(self, text: str) -> None:
        for length in range(1, len(text) + 1):
            await self.compose(text[:length])

    async def commit(self, text: str) -> None:
        await self.session.send("Input.insertText", {"text": text})

    async def take(self, key: str, modifiers: int = 0) -> None:
        """Presses a key that the input method uses: the page gets the event and must not act on it."""
        code = {"windowsVirtualKeyCode": 229, "nativeVirtualKeyCode": 229}
        event = {"type": "rawKeyDown", "key": key, "modifiers": modifiers, **code}
        await self.session.send("Input.dispatchKeyEvent", event)
