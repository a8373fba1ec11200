"""Built-in prompts: one per line of shipped.txt. The key of a prompt is a hash of its text."""

from hashlib import blake2b
from pathlib import Path


def key(text: str) -> str:
    return blake2b(text.encode(), digest_size=4).hexdigest()


TEXTS = tuple(Path(__file__).with_name("shipped.txt").read_text(encoding="utf-8").splitlines())
BY_KEY = {key(text): text for text in TEXTS}
