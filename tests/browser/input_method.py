"""Input methods (IME): compositions and the keys that they use, sent by the DevTools protocol."""

from playwright.async_api import CDPSession, Page

# Composed and committed text. The keyboard of a phone only underlines the word that is being composed; ...
UNDERLINED = {
    "Latin": ("wonderful", "wonderful"),
    "Cyrillic": ("чудово", "чудово"),
    "Korean": ("안녕", "안녕"),
}
# ... other input methods wait until their user picks a candidate.
CHOSEN = {"Japanese": ("にほん", "日本"), "Chinese": ("ni hao", "你好")}


class InputMethod:
    def __init__(self, session: CDPSession) -> None:
        self.session = session

    @classmethod
    async def of(cls, page: Page) -> "InputMethod":
        return cls(await page.context.new_cdp_session(page))

    async def compose(self, text: str) -> None:
        """Replaces the composed text; the composition stays open."""
        caret = {"selectionStart": len(text), "selectionEnd": len(text)}
        await self.session.send("Input.imeSetComposition", {"text": text, **caret})

    async def spell(self, text: str) -> None:
        """Composes the text letter by letter."""
        for length in range(1, len(text) + 1):
            await self.compose(text[:length])

    async def commit(self, text: str) -> None:
        await self.session.send("Input.insertText", {"text": text})

    async def take(self, key: str, modifiers: int = 0) -> None:
        """Presses a key that the input method uses: the page gets the event and must ignore it."""
        code = {"windowsVirtualKeyCode": 229, "nativeVirtualKeyCode": 229}
        event = {"type": "rawKeyDown", "key": key, "modifiers": modifiers, **code}
        await self.session.send("Input.dispatchKeyEvent", event)
