"""Tokens: everything that is not, to the last bit, what the site itself has signed."""

import json
import re
import time
from base64 import b64encode
from dataclasses import replace
from typing import Any

import pytest
from quart import Quart

from journal.app import create_app
from journal.settings import Settings
from tests.security.asking import Browser, Reply
from tests.security.cases import each
from tests.security.conftest import KEY
from tests.security.forging import claims, coded, decoded, genuine, header, key, kid, signed, without
from tests.visiting import named

pytestmark = pytest.mark.soak_on_postgres

THEME = "Tokens"
NOW = int(time.time())
ID = 424242  # nobody's: what is signed here has no database behind it
PUBLIC_KEY = b"-----BEGIN PUBLIC KEY-----\nMFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAK\n-----END PUBLIC KEY-----\n"


async def shown(app: Quart, token: str | bytes, kind: str = "access") -> Reply:
    """The answer to a private page, one that needs no account, with this token in its cookie."""
    name = named(app, f"{kind}_token")
    cookie = f"{name}=".encode() + (token if isinstance(token, bytes) else token.encode())
    return await Browser(app).get("/bin/deletion", headers=[("Cookie", cookie)])


async def is_refused(app: Quart, token: str | bytes, log: Any, kind: str = "access") -> None:
    log.clear()
    reply = await shown(app, token, kind)
    assert reply.is_sign_in, reply.status
    assert not reply.cookies, "only a session that was ended has its cookies taken away"
    written = token.decode("latin1") if isinstance(token, bytes) else token
    for record in log.records:
        assert "\n" not in record.getMessage()
        assert len(written) < 20 or written[:60] not in record.getMessage()


async def test_a_token_made_by_hand_from_the_specification_is_let_in(app: Quart) -> None:
    """200: the control without which nothing below would mean anything."""
    assert (await shown(app, genuine(ID))).status == 200


async def test_a_refresh_token_made_by_hand_is_let_in(app: Quart, ann: Browser) -> None:
    """200 and a new pair: the control for the refresh tokens below."""
    stamp = decoded(ann.refresh)["stamp"]
    reply = await shown(app, genuine(ann.id, "refresh", stamp=stamp), "refresh")
    assert reply.status == 200
    assert {"access_token", "refresh_token"} <= set(reply.cookies)


NONES: dict[str, Any] = {"none": "none", "None": "None", "NONE": "NONE", "nOnE": "nOnE", "empty": ""}
NONES |= {"null": None, "none with a space": "none ", "none with NUL": "none\0", "ｎｏｎｅ": "ｎｏｎｅ"}


@each("algorithm", NONES)
@pytest.mark.engine("sqlite")
async def test_an_unsigned_token_is_refused(app: Quart, algorithm: Any, caplog: Any) -> None:
    """Signed out, with an empty signature and with one made of nothing."""
    text = f"{coded(header(alg=algorithm))}.{coded(claims(ID))}"
    for token in (f"{text}.", f"{text}.AA", text):
        await is_refused(app, token, caplog)


OTHERS: dict[str, Any] = {"HS384": "HS384", "HS512": "HS512"}


@each("algorithm", OTHERS)
@pytest.mark.engine("sqlite")
async def test_another_hmac_with_the_right_key_is_refused(app: Quart, algorithm: str, caplog: Any) -> None:
    """Signed out: HS256 is the one algorithm."""
    token = signed(header(alg=algorithm), claims(ID), key(), algorithm)
    await is_refused(app, token, caplog)


ALGORITHMS: dict[str, Any] = {
    **{
        name: name
        for name in ("RS256", "ES256", "PS256", "EdDSA", "hs256", "HS256 ", "HMAC", "dir", "A128KW")
    },
    "a list with HS256": ["HS256"],
    "an object": {"HS256": 1},
    "a number": 256,
    "true": True,
    "a path": "../HS256",
}


@each("algorithm", ALGORITHMS)
@pytest.mark.engine("sqlite")
async def test_a_foreign_algorithm_over_a_good_hmac_is_refused(
    app: Quart, algorithm: Any, caplog: Any
) -> None:
    """Signed out, though key and digest are right."""
    await is_refused(app, signed(header(alg=algorithm), claims(ID), key()), caplog)


async def test_a_header_without_an_algorithm_is_refused(app: Quart, caplog: Any) -> None:
    """Signed out."""
    await is_refused(app, signed(without(header(), "alg"), claims(ID), key()), caplog)


KEYS = {
    "nothing": b"",
    "a NUL": b"\0",
    "the secret itself": KEY.encode(),
    "the key of the other kind": key("refresh"),
    "the key's id": kid().encode(),
    "the old app's usual secret": b"dev",
    "another site's secret": key("access", "x" * 40),
    "a public key as if it were a secret": PUBLIC_KEY,
}


@each("secret", KEYS)
@pytest.mark.engine("sqlite")
async def test_a_token_signed_with_the_wrong_key_is_refused(app: Quart, secret: bytes, caplog: Any) -> None:
    """Signed out; RS256 turned into HS256 over a public key included."""
    for algorithm in ("HS256", "RS256"):
        await is_refused(app, signed(header(alg=algorithm), claims(ID), secret), caplog)


KIDS: dict[str, Any] = {
    "unknown": "00000000",
    "empty": "",
    "in capitals": kid().upper() if kid().upper() != kid() else "ABCDEF01",
    "a path": "../../../../etc/passwd",
    "an empty file": "/dev/null",
    "an address": "https://evil.example/key.pem",
    "SQL": "' UNION SELECT 'k' --",
    "a command": "key; sleep 5 |",
    "a NUL behind it": kid() + "\0",
    "a space behind it": kid() + " ",
    "a line break and a forged line": "x\n[2026-01-01] INFO in gate: FORGED",
    "3,000 characters": "k" * 2900,
    "a list": [kid()],
    "an object": {"kid": kid()},
    "a number": 7,
    "null": None,
    "true": True,
}


@each("key_id", KIDS)
@pytest.mark.engine("sqlite")
async def test_a_key_id_that_is_not_ours_is_refused(app: Quart, key_id: Any, caplog: Any) -> None:
    """Signed out: it is looked up among the two or three that there are, never in a file or a database."""
    await is_refused(app, signed(header(kid=key_id), claims(ID), key()), caplog)
    await is_refused(app, signed(header(kid=key_id), claims(ID), b""), caplog)


async def test_a_token_without_a_key_id_is_refused(app: Quart, caplog: Any) -> None:
    """Signed out."""
    await is_refused(app, signed(without(header(), "kid"), claims(ID), key()), caplog)


JWK = {"kty": "oct", "k": coded(b"a" * 32), "kid": "mine"}
EMBEDDED: dict[str, Any] = {
    "jwk": {"jwk": JWK},
    "jku": {"jku": "https://evil.example/jwks.json"},
    "x5u": {"x5u": "https://evil.example/cert.pem"},
    "x5c": {"x5c": ["MIIB"]},
    "x5t": {"x5t": "dGh1bWI"},
    "jwk with its own key id": {"jwk": JWK, "kid": "mine"},
    "jku with its own key id": {"jku": "https://evil.example/jwks.json", "kid": "mine"},
}


@each("extra", EMBEDDED)
async def test_a_key_that_the_token_brings_along_is_not_used(
    app: Quart, extra: dict[str, Any], caplog: Any
) -> None:
    """Signed out, and nothing is fetched from anywhere."""
    await is_refused(app, signed(header(**extra), claims(ID), b"a" * 32), caplog)


CRITS: dict[str, Any] = {
    "an unknown extension": {"crit": ["urn:x"], "urn:x": 1},
    "exp": {"crit": ["exp"], "exp": NOW + 600},
    "an empty list": {"crit": []},
    "a text": {"crit": "b64", "b64": True},
    "numbers": {"crit": [1]},
    "b64 off": {"crit": ["b64"], "b64": False},
    "b64 off without crit": {"b64": False},
    "a forged line for the log": {"crit": ["x\n[2026-01-01] INFO in gate: FORGED\n"]},
    "a terminal's control characters": {"crit": ["\x1b[2Jx\r\x07"]},
}


@each("extra", CRITS)
@pytest.mark.engine("sqlite")
async def test_what_the_header_calls_critical_is_refused(
    app: Quart, extra: dict[str, Any], caplog: Any
) -> None:
    """Signed out; the reason takes one line of the log, whatever is written in the header."""
    caplog.set_level("INFO")
    await is_refused(app, signed(header(**extra), claims(ID), key()), caplog)
    said = [record.getMessage() for record in caplog.records if "refused" in record.getMessage()]
    assert len(said) == 1
    assert said[0].isprintable()


KINDS: dict[str, dict[str, Any]] = {
    "typ says refresh": {"typ": "refresh"},
    "typ is missing": {"typ": None},
    "typ is a list": {"typ": ["access"]},
    "typ in capitals": {"typ": "ACCESS"},
    "aud of the other kind": {"aud": "journal:refresh"},
    "aud is a list with the right one": {"aud": ["journal:access"]},
    "aud is a list with both": {"aud": ["journal:refresh", "journal:access"]},
    "aud is half of it": {"aud": "journal"},
    "aud in capitals": {"aud": "JOURNAL:ACCESS"},
    "aud is null": {"aud": None},
    "aud is a number": {"aud": 1},
    "aud is an object": {"aud": {"journal:access": 1}},
    "aud is *": {"aud": "*"},
    "iss is another": {"iss": "journal2"},
    "iss is a list": {"iss": ["journal"]},
    "iss is empty": {"iss": ""},
    "iss is null": {"iss": None},
    "sub is a number": {"sub": ID},
    "sub is negative": {"sub": "-1"},
    "sub is empty": {"sub": ""},
    "sub has a space": {"sub": "1 "},
    "sub has a line break": {"sub": "1\n"},
    "sub is hexadecimal": {"sub": "0x1"},
    "sub is a decimal": {"sub": "1.0"},
    "sub has a plus": {"sub": "+1"},
    "sub has an underscore": {"sub": "1_0"},
    "sub in other digits": {"sub": "٤٢"},
    "sub in full-width digits": {"sub": "１"},
    "sub is SQL": {"sub": "1 OR 1=1"},
    "sub is a name": {"sub": "Ann"},
    "sub has 19 digits": {"sub": "9" * 19},
    "sub is a list": {"sub": ["1"]},
    "sub is null": {"sub": None},
    "exp is past": {"exp": NOW - 1},
    "exp is 1970": {"exp": 0},
    "exp is negative": {"exp": -1},
    "exp is a text": {"exp": str(NOW + 600)},
    "exp is a decimal": {"exp": NOW + 600.5},
    "exp is true": {"exp": True},
    "exp is null": {"exp": None},
    "exp is infinite": {"exp": float("inf")},
    "exp is not a number": {"exp": float("nan")},
    "exp is a list": {"exp": [NOW + 600]},
    "iat lies ahead": {"iat": NOW + 3600},
    "iat is a text": {"iat": "now"},
    "iat is null": {"iat": None},
    "auth_time is a text": {"auth_time": "now"},
    "auth_time is null": {"auth_time": None},
}


@each("changes", KINDS)
async def test_a_strange_claim_is_refused_even_when_it_is_signed(
    app: Quart, changes: dict[str, Any], caplog: Any
) -> None:
    """Signed out: the signature is right, the claim is not."""
    await is_refused(app, genuine(ID, **changes), caplog)


CLAIMS = ("iss", "aud", "typ", "sub", "iat", "exp", "auth_time")


@each("name", {name: name for name in CLAIMS})
async def test_a_missing_claim_is_refused(app: Quart, name: str, caplog: Any) -> None:
    """Signed out, in access and in refresh tokens."""
    for kind in ("access", "refresh"):
        payload = without(claims(ID, kind, stamp="s" * 16), name)
        await is_refused(app, signed(header(), payload, key(kind)), caplog, kind)


STAMPS: dict[str, dict[str, Any]] = {"missing": {}, "empty": {"stamp": ""}, "null": {"stamp": None}}
STAMPS |= {"a number": {"stamp": 1}, "a list": {"stamp": ["s"]}, "true": {"stamp": True}}
STAMPS |= {"SQL": {"stamp": "' OR '1'='1"}, "16 characters": {"stamp": "A" * 16}, "%": {"stamp": "%"}}


@each("changes", STAMPS)
async def test_a_refresh_token_with_a_wrong_stamp_is_refused(
    app: Quart, ann: Browser, changes: dict[str, Any]
) -> None:
    """Signed out, though it is signed and names an account that there is."""
    reply = await shown(app, genuine(ann.id, "refresh", **changes), "refresh")
    assert reply.is_sign_in
    assert all(morsel["max-age"] == "0" for morsel in reply.cookies.values())


async def test_the_stamp_of_one_account_opens_no_other(app: Quart, ann: Browser, bob: Browser) -> None:
    """Signed out."""
    stamp = decoded(ann.refresh)["stamp"]
    assert (await shown(app, genuine(bob.id, "refresh", stamp=stamp), "refresh")).is_sign_in


async def test_each_kind_of_token_is_refused_in_the_place_of_the_other(
    app: Quart, ann: Browser, caplog: Any
) -> None:
    """Signed out: the kinds have keys of their own."""
    await is_refused(app, ann.refresh, caplog, "access")
    await is_refused(app, ann.access, caplog, "refresh")


def shapes() -> dict[str, str | bytes]:
    good = genuine(ID)
    head, payload, signature = good.split(".")
    raw_header = json.dumps(header()).encode()
    deep = b'{"alg":"HS256","kid":' + b"[" * 1200 + b"]" * 1200 + b"}"
    return {
        "empty": "",
        "a word": "token",
        "no dot": good.replace(".", ""),
        "one dot": f"{head}.{payload}",
        "two dots and nothing": "..",
        "three dots": f"{good}.",
        "four dots, like an encrypted one": f"{head}..{payload}.{payload}.{signature}",
        "a dot in front": f".{good}",
        "dots that only look like dots": good.replace(".", "․"),
        "a space in it": f"{head}. {payload}.{signature}",
        "a tab in it": f"{head}.\t{payload}.{signature}",
        "a line break, quoted": f'"{head}.{payload}\\012.{signature}"',
        "padding in the payload": f"{head}.{payload}=.{signature}",
        "padding in the middle": f"{head}.{payload[:8]}={payload[8:]}.{signature}",
        "plain base64": f"{head}.{payload}.{b64encode(bytes(range(250, 256)) * 5).decode()}",
        "letters with accents": f"{head}.{payload}.é{signature}",
        "bytes that are no UTF-8": b"\xff\xfe." + good.encode(),
        "a NUL in it": good.encode().replace(b".", b"\0.", 1),
        "Bearer in front": f"Bearer {good}",
        "4,097 characters": good + "A" * (4097 - len(good)),
        "a megabyte": f"{head}.{'A' * 1_000_000}.{signature}",
        "a header of deep lists": signed(deep, claims(ID), key()),
        "a payload of deep lists": signed(header(), b"[" * 1400 + b"]" * 1400, key()),
        "a header that is a list": signed(["HS256"], claims(ID), key()),
        "a header that is a text": signed('"HS256"', claims(ID), key()),
        "a header that is no JSON": signed(b"{alg:HS256}", claims(ID), key()),
        "a header with two algorithms": signed(
            b'{"alg":"HS256","alg":"none",' + raw_header[1:].replace(b'"alg": "HS256", ', b""),
            claims(ID),
            key(),
        ),
        "a header behind a byte order mark": signed(b"\xef\xbb\xbf" + raw_header, claims(ID), b"x"),
        "a header in UTF-16": signed(json.dumps(header()).encode("utf-16"), claims(ID), b"x"),
        "a payload that is a list": signed(header(), [claims(ID)], key()),
        "a payload that is a number": signed(header(), b"42", key()),
        "a payload that is null": signed(header(), b"null", key()),
        "a payload that is no JSON": signed(header(), b"{'sub':'1'}", key()),
        "a payload that is no UTF-8": signed(header(), b'{"sub":"\xff"}', key()),
        "a number of 3,000 digits": signed(header(), b'{"exp":' + b"9" * 2900 + b"}", key()),
        "a compressed payload": signed(header(zip="DEF"), b"\x78\x9c\x03\x00", key()),
        "a token in a token": signed(header(cty="JWT"), good.encode(), key()),
        "half a signature": good[: -len(signature) // 2],
        "no signature": f"{head}.{payload}.",
        "another signature": f"{head}.{payload}.{coded(b'0' * 32)}",
        "the signature of another payload": f"{head}.{coded(claims(ID + 1))}.{signature}",
        "the last bit of the signature": f"{good[:-1]}{'A' if good[-1] != 'A' else 'E'}",
        "the unused bits of the signature": good[:-1] + chr(ord(good[-1]) + 1),
    }


@each("token", shapes())
@pytest.mark.engine("sqlite")
async def test_a_token_of_another_shape_is_refused(app: Quart, token: str | bytes, caplog: Any) -> None:
    """Signed out, at once and without an error; nothing of it is in the log."""
    caplog.set_level("INFO")
    started = time.process_time()
    await is_refused(app, token, caplog)
    assert time.process_time() - started < 1
    assert not [record for record in caplog.records if record.levelname in ("ERROR", "CRITICAL")]


async def test_a_refresh_token_of_another_shape_is_refused(app: Quart, caplog: Any) -> None:
    """Signed out, for each of the shapes above."""
    for token in shapes().values():
        await is_refused(app, token, caplog, "refresh")


PLACES = {
    "authorization": "Authorization",
    "x-access-token": "X-Access-Token",
    "proxy": "Proxy-Authorization",
}


@each("name", PLACES)
@pytest.mark.engine("sqlite")
async def test_a_token_in_a_header_is_not_looked_at(app: Quart, name: str) -> None:
    """Signed out: a token counts in its cookie and nowhere else."""
    for value in (genuine(ID), f"Bearer {genuine(ID)}"):
        assert (await Browser(app).get("/entries/new", headers=[(name, value)])).is_sign_in


@each("where", {"query": "/entries/new?access_token=", "query token": "/entries/new?token="})
@pytest.mark.engine("sqlite")
async def test_a_token_in_the_address_is_not_looked_at(app: Quart, where: str) -> None:
    """Signed out."""
    assert (await Browser(app).get(where + genuine(ID))).is_sign_in


@pytest.fixture
def with_key(settings: Settings) -> Any:
    return lambda *secrets: create_app(replace(settings, secret_keys=secrets))


async def test_a_token_of_a_key_that_was_given_up_is_refused(ann: Browser, with_key: Any) -> None:
    """Signed out everywhere: whoever stole the old key has nothing any longer."""
    assert (await ann.get("/settings", app=with_key("n" * 40))).is_sign_in


async def test_a_previous_key_verifies_and_no_longer_signs(ann: Browser, with_key: Any) -> None:
    """200, and the new pair is signed with the new key."""
    del ann.jar["access_token"]
    reply = await ann.get("/settings", app=with_key("n" * 40, KEY))
    assert reply.status == 200
    assert decoded(reply.cookies["access_token"].value, 0)["kid"] == kid("n" * 40)


async def test_a_token_holds_nothing_but_what_is_specified(ann: Browser) -> None:
    """Seven claims, and the stamp in the refresh token: no name, no address, no role."""
    assert set(decoded(ann.access)) == set(CLAIMS)
    assert set(decoded(ann.refresh)) == {*CLAIMS, "stamp"}
    assert set(decoded(ann.access, 0)) == {"alg", "typ", "kid"}
    assert re.fullmatch(r"[0-9a-f]{8}", kid())
