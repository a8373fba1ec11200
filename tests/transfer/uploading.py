"""A person who brings a file to the site in this process, and reads the pages of the import."""

import asyncio
import re
from typing import Any

from tests.conftest import Person

BOUNDARY = "x1y2z3"
MULTIPART = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
UNDER_WAY = re.compile(r'data-state="(reading|running|undoing)"')


def form(content: bytes = b"[]", name: str = "fake.json", **fields: str) -> bytes:
    """A multipart form as browsers send it: its fields, and then the file."""
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'.encode()
        for field, value in fields.items()
    ]
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    return b"".join(parts) + head.encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode()


async def brings(person: Person, body: bytes | None = None, **fields: Any) -> Any:
    """Uploads a file; the answer."""
    return await person.client.post("/imports", data=body or form(**fields), headers=MULTIPART)


async def brought(person: Person, **fields: Any) -> str:
    """Uploads a file and waits for its preview; the address of the import."""
    answer = await brings(person, **fields)
    assert answer.status_code == 303, await answer.get_data(as_text=True)
    path = str(answer.headers["Location"])
    await settled(person, path)
    return path


async def settled(person: Person, path: str) -> str:
    """The page of the import once no job is under way."""
    while UNDER_WAY.search(text := await shown(person, path)):
        await asyncio.sleep(0.01)
    return text


async def shown(person: Person, path: str, **options: Any) -> str:
    answer = await person.get(path, **options)
    assert answer.status_code == 200, path
    return str(await answer.get_data(as_text=True))


async def does(person: Person, path: str) -> str:
    """Sends the form of a button, and waits for what it begins."""
    answer = await person.post(path)
    assert answer.status_code == 303
    return await settled(person, str(answer.headers["Location"]))
