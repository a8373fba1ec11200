"""Content types of attachments, told by the first bytes of a file. Its name is never asked, because anybody
can call a page of HTML `photo.jpg`."""

import re

UNKNOWN = "application/octet-stream"
HEAD = 512  # bytes that are looked at
EXTENSIONS = {
    "image/jpeg": "jpeg",
    "image/png": "png",
    "image/gif": "gif",
    "image/webp": "webp",
    "image/avif": "avif",
    "image/heic": "heic",
    "audio/mpeg": "mp3",
    "audio/mp4": "m4a",
    "audio/ogg": "ogg",
    "audio/wav": "wav",
    "video/mp4": "mp4",
    "video/ogg": "ogv",
    "video/webm": "webm",
    "video/quicktime": "mov",
    "application/pdf": "pdf",
}
# Types that a browser may show by itself; everything else is downloaded.
INLINE = {"image/jpeg", "image/png", "image/gif", "image/webp", "image/avif"}

SIGNATURES = {
    "image/jpeg": rb"\xff\xd8\xff",
    "image/png": rb"\x89PNG\r\n\x1a\n",
    "image/gif": rb"GIF8[79]a",
    "image/webp": rb"RIFF....WEBP",
    "audio/wav": rb"RIFF....WAVE",
    "audio/mpeg": rb"ID3|\xff[\xe2\xe3\xf2\xf3\xfa\xfb]",  # ID3 tags, or a frame of MPEG layer III
    "video/ogg": rb"OggS.{24}.{,8}\x80theora",
    "audio/ogg": rb"OggS",
    "video/webm": rb"\x1aE\xdf\xa3.{,60}webm",
    "video/quicktime": rb"....(moov|mdat|wide)",  # before QuickTime had `ftyp`
    "application/pdf": rb"%PDF-",
}
PATTERNS = {name: re.compile(pattern, re.DOTALL) for name, pattern in SIGNATURES.items()}
FTYP = re.compile(rb"(.{4})ftyp(.{4})", re.DOTALL)
# ISO base media files say what they are by four letters, their brand.
BRANDS = {
    "image/avif": rb"avi[fs]",
    "image/heic": rb"hei[cxms]|hev[cxms]|mif1|msf1",
    "audio/mp4": rb"M4[AB] ",
    "video/quicktime": rb"qt  ",
    "video/mp4": rb"iso[m2-9]|mp4[12]|avc1|dash|M4V |MSNV|mmp4|3g[p2].",
}


def content_type(head: bytes) -> str:
    """The type of a file that begins with these bytes, of which the first 512 count."""
    head = head[:HEAD]
    if found := FTYP.match(head):
        return _by_brand(found[2], head[16 : int.from_bytes(found[1], "big")])
    return next((name for name, pattern in PATTERNS.items() if pattern.match(head)), UNKNOWN)


def _by_brand(brand: bytes, compatible: bytes) -> str:
    """A brand like mif1 stands for any kind of picture; the compatible brands tell which."""
    if brand in (b"mif1", b"msf1") and re.search(BRANDS["image/avif"], compatible):
        return "image/avif"
    return next((name for name, pattern in BRANDS.items() if re.fullmatch(pattern, brand)), UNKNOWN)


def is_inline(name: str) -> bool:
    return name in INLINE or name.startswith(("audio/", "video/"))
