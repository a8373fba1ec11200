"""The first bytes of a file say what it is."""

import pytest

from journal.attachments.content_types import content_type, is_inline

UNKNOWN = "application/octet-stream"


def ftyp(brand: bytes, *compatible: bytes) -> bytes:
    rest = b"ftyp" + brand + b"\0\0\0\0" + b"".join(compatible)
    return (len(rest) + 4).to_bytes(4, "big") + rest + b"\0\0\0\x08mdatavif"


HEADS = {
    "JPEG": (b"\xff\xd8\xff\xe0\0\x10JFIF", "image/jpeg"),
    "PNG": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "image/png"),
    "GIF": (b"GIF89a\x01\0", "image/gif"),
    "WebP": (b"RIFF\x24\0\0\0WEBPVP8 ", "image/webp"),
    "AVIF": (ftyp(b"avif", b"mif1"), "image/avif"),
    "AVIF under a general brand": (ftyp(b"mif1", b"avif", b"miaf"), "image/avif"),
    "HEIC": (ftyp(b"heic", b"mif1"), "image/heic"),
    "HEIC under a general brand": (ftyp(b"mif1", b"heic"), "image/heic"),
    "MP3 with tags": (b"ID3\x04\0\0", "audio/mpeg"),
    "MP3 without tags": (b"\xff\xfb\x90\x64", "audio/mpeg"),
    "M4A": (ftyp(b"M4A ", b"isom"), "audio/mp4"),
    "Ogg Vorbis": (b"OggS\0\x02" + b"\0" * 20 + b"\x01\x1e\x01vorbis", "audio/ogg"),
    "Ogg Theora": (b"OggS\0\x02" + b"\0" * 20 + b"\x01\x2a\x80theora", "video/ogg"),
    "WAV": (b"RIFF\x24\0\0\0WAVEfmt ", "audio/wav"),
    "MP4": (ftyp(b"isom", b"mp42"), "video/mp4"),
    "WebM": (b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\xf7\x81\x01B\x82\x84webm", "video/webm"),
    "MOV": (ftyp(b"qt  "), "video/quicktime"),
    "MOV of old": (b"\0\0\0\x20moov\0\0", "video/quicktime"),
    "PDF": (b"%PDF-1.7\n", "application/pdf"),
    "Matroska": (b"\x1aE\xdf\xa3\x9fB\x82\x88matroska", UNKNOWN),
    "AAC": (b"\xff\xf1\x50\x80", UNKNOWN),
    "UTF-16": (b"\xff\xfe<\0h\0", UNKNOWN),
    "an unknown brand": (ftyp(b"jpm "), UNKNOWN),
    "a brand of its own length": (b"\xff\xff\xff\xffftypmif1", "image/heic"),
    "HTML": (b"<!DOCTYPE html>", UNKNOWN),
    "SVG": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", UNKNOWN),
    "XML": (b"<?xml version='1.0'?><svg/>", UNKNOWN),
    "a space before a picture": (b" \x89PNG\r\n\x1a\n", UNKNOWN),
    "half a signature": (b"\x89PN", UNKNOWN),
    "nothing": (b"", UNKNOWN),
}


@pytest.mark.parametrize(("head", "kind"), HEADS.values(), ids=HEADS)
def test_the_first_bytes_of_a_file_tell_its_type(head: bytes, kind: str) -> None:
    assert content_type(head) == kind


SHOWN = {"image/jpeg", "image/png", "image/gif", "image/webp", "image/avif"}


@pytest.mark.parametrize("kind", sorted({kind for _, kind in HEADS.values()}))
def test_only_five_kinds_of_pictures_audio_and_video_are_shown(kind: str) -> None:
    assert is_inline(kind) is (kind in SHOWN or kind.partition("/")[0] in ("audio", "video"))
