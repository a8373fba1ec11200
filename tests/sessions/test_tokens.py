"""Tokens, made here by hand, so that neither our minting nor PyJWT is taken on trust."""

import base64
import hmac
import json
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from journal.sessions import tokens
from journal.sessions.tokens import Claims, InvalidToken, Keys, Kind

SECRET = "the present secret of this site, 40 bytes"
OLD = "the secret before it, also long enough .."
STRANGER = "a secret that this site has never had ..."
NOW = 1_700_000_000
KINDS: tuple[Kind, ...] = ("access", "refresh")
LIVES = {"access": 1800, "refresh": 1_209_600}
KEYS = Keys((SECRET,))

kinds = pytest.mark.parametrize("kind", KINDS)


def kid_of(secret: str) -> str:
    return sha256(b"kid" + secret.encode()).hexdigest()[:8]


def key_of(secret: str, kind: str) -> bytes:
    return hmac.digest(secret.encode(), f"journal/v1/{kind}".encode(), "sha256")


def payload(kind: str, **changed: Any) -> dict[str, Any]:
    stamp = {"stamp": "0123456789abcdef"} if kind == "refresh" else {}
    times = {"iat": NOW, "exp": NOW + LIVES[kind], "auth_time": NOW - 86_400}
    return {"iss": "journal", "aud": f"journal:{kind}", "typ": kind, "sub": "42", **times, **stamp, **changed}


def header(**changed: Any) -> dict[str, Any]:
    return {"alg": "HS256", "typ": "JWT", "kid": kid_of(SECRET), **changed}


def encoded(part: Any) -> str:
    raw = part if isinstance(part, bytes) else json.dumps(part, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def made(head: Any, body: Any, key: bytes, digest: str = "sha256") -> str:
    """A token with these parts, signed as well as anybody can who has the key."""
    signed = f"{encoded(head)}.{encoded(body)}"
    return f"{signed}.{encoded(hmac.digest(key, signed.encode(), digest))}"


def genuine(kind: Kind, *without: str, **changed: Any) -> str:
    """Signed by the site's own key, with the claims changed."""
    claims = {name: value for name, value in payload(kind, **changed).items() if name not in without}
    return made(header(), claims, key_of(SECRET, kind))


def headed(kind: Kind, **changed: Any) -> str:
    """Signed by the site's own key, with the header changed."""
    return made(header(**changed), payload(kind), key_of(SECRET, kind))


def decoded(part: str) -> Any:
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def claims_of(kind: Kind) -> Claims:
    stamp = "0123456789abcdef" if kind == "refresh" else ""
    return Claims(42, NOW, NOW + LIVES[kind], NOW - 86_400, stamp)


def read(kind: Kind, token: str, now: int = NOW, keys: Keys = KEYS) -> Claims:
    return tokens.read(keys, kind, token, now)


def refused(kind: Kind, token: str, now: int = NOW, keys: Keys = KEYS) -> str:
    """Why; the reason, which goes to the log, never holds the token."""
    with pytest.raises(InvalidToken) as caught:
        read(kind, token, now, keys)
    reason = str(caught.value)
    assert reason
    assert not any(part in reason for part in token.split(".") if len(part) > 8)
    return reason


# What is minted


@kinds
def test_a_token_holds_exactly_what_the_specification_lists(kind: Kind) -> None:
    head, body, _ = tokens.mint(KEYS, kind, claims_of(kind)).split(".")
    assert decoded(head) == {"alg": "HS256", "typ": "JWT", "kid": kid_of(SECRET)}
    assert decoded(body) == payload(kind)


@kinds
def test_a_token_is_signed_by_the_key_of_its_kind(kind: Kind) -> None:
    signed, _, signature = tokens.mint(KEYS, kind, claims_of(kind)).rpartition(".")
    assert signature == encoded(hmac.digest(key_of(SECRET, kind), signed.encode(), "sha256"))


@kinds
def test_what_was_minted_is_read_again(kind: Kind) -> None:
    assert read(kind, tokens.mint(KEYS, kind, claims_of(kind))) == claims_of(kind)


@kinds
def test_the_tokens_made_by_hand_here_are_read(kind: Kind) -> None:
    """Else all the refusals below would prove nothing."""
    assert read(kind, genuine(kind)) == claims_of(kind)


# Who signed it


@kinds
def test_a_key_that_the_site_never_had_signs_nothing(kind: Kind) -> None:
    for kid in (kid_of(SECRET), kid_of(STRANGER)):
        refused(kind, made(header(kid=kid), payload(kind), key_of(STRANGER, kind)))


@kinds
def test_the_secret_itself_is_no_key(kind: Kind) -> None:
    refused(kind, made(header(), payload(kind), SECRET.encode()))


@kinds
@pytest.mark.parametrize("part", [0, 1, 2])
def test_a_part_that_was_changed_is_noticed(kind: Kind, part: int) -> None:
    parts = tokens.mint(KEYS, kind, claims_of(kind)).split(".")
    parts[part] = parts[part][:5] + ("A" if parts[part][5] != "A" else "B") + parts[part][6:]
    refused(kind, ".".join(parts))


@kinds
def test_claims_can_not_be_moved_under_another_signature(kind: Kind) -> None:
    head, _, signature = genuine(kind).split(".")
    refused(kind, f"{head}.{encoded(payload(kind, sub='43'))}.{signature}")


SPELLINGS_OF_NONE = ["none", "None", "NONE", "nOnE", "nonE", "none ", " none", "none\0", ""]


@kinds
@pytest.mark.parametrize("alg", [*SPELLINGS_OF_NONE, None, 0, False, []])
def test_no_spelling_of_no_algorithm_gets_in(kind: Kind, alg: Any) -> None:
    unsigned = f"{encoded(header(alg=alg))}.{encoded(payload(kind))}"
    for token in (unsigned + ".", unsigned, headed(kind, alg=alg), made(header(alg=alg), payload(kind), b"")):
        refused(kind, token)


@kinds
def test_a_header_without_an_algorithm_is_refused(kind: Kind) -> None:
    head = {name: value for name, value in header().items() if name != "alg"}
    refused(kind, made(head, payload(kind), key_of(SECRET, kind)))


@kinds
@pytest.mark.parametrize(("alg", "digest"), [("HS384", "sha384"), ("HS512", "sha512")])
def test_a_longer_digest_by_our_own_key_is_refused(kind: Kind, alg: str, digest: str) -> None:
    refused(kind, made(header(alg=alg), payload(kind), key_of(SECRET, kind), digest))


OTHERS = ["RS256", "PS256", "ES256", "ES256K", "EdDSA", "hs256", "Hs256", "HS1", "dir", "../HS256"]


@kinds
@pytest.mark.parametrize("alg", OTHERS)
def test_every_other_algorithm_is_refused(kind: Kind, alg: str) -> None:
    refused(kind, headed(kind, alg=alg))


def test_one_kind_can_not_pass_as_the_other() -> None:
    refused("refresh", genuine("access"))
    refused("access", genuine("refresh"))


@pytest.mark.parametrize(("kind", "other"), [KINDS, KINDS[::-1]])
def test_each_mark_of_the_kind_is_looked_at(kind: Kind, other: Kind) -> None:
    stamped: dict[str, Any] = {"stamp": "0123456789abcdef"}
    refused(kind, made(header(), payload(kind, **stamped), key_of(SECRET, other)))
    refused(kind, genuine(kind, **stamped, aud=f"journal:{other}"))
    refused(kind, genuine(kind, **stamped, typ=other))


# Which key


@kinds
@pytest.mark.parametrize(
    "kid",
    [
        "deadbeef",
        "",
        kid_of(SECRET).upper() + "x",
        kid_of(SECRET) + " ",
        kid_of(SECRET)[:-1],
        "../../../../etc/passwd",
        "/dev/null",
        "..\\..\\windows\\win.ini",
        "file:///etc/passwd",
        "https://evil.example/key",
        "' UNION SELECT 'k' --",
        "\0",
        "x" * 2000,
        None,
        0,
        True,
        1.5,
        ["a"],
        {"kid": kid_of(SECRET)},
        [kid_of(SECRET)],
    ],
)
def test_a_kid_that_is_not_ours_finds_no_key(kind: Kind, kid: Any) -> None:
    for key in (key_of(SECRET, kind), b"", b"\0" * 32):
        refused(kind, made(header(kid=kid), payload(kind), key))


@kinds
def test_a_token_without_a_kid_is_refused(kind: Kind) -> None:
    head = {"alg": "HS256", "typ": "JWT"}
    refused(kind, made(head, payload(kind), key_of(SECRET, kind)))


@kinds
@pytest.mark.parametrize(
    "extra",
    [
        {"jwk": {"kty": "oct", "k": encoded(b"s" * 32)}},
        {"jku": "https://evil.example/keys"},
        {"x5u": "https://evil.example/cert"},
        {"x5c": [encoded(b"s" * 32)]},
    ],
)
def test_a_key_that_the_token_brings_along_is_not_taken(kind: Kind, extra: dict[str, Any]) -> None:
    refused(kind, made(header(**extra), payload(kind), b"s" * 32))


@kinds
@pytest.mark.parametrize("extra", [{"crit": ["exp"]}, {"crit": ["b64"], "b64": False}, {"b64": False}])
def test_a_header_that_must_be_understood_and_is_not_is_refused(kind: Kind, extra: dict[str, Any]) -> None:
    refused(kind, headed(kind, **extra))


@kinds
def test_after_a_rotation_the_old_key_verifies_and_the_new_one_signs(kind: Kind) -> None:
    before, after = Keys((OLD,)), Keys((SECRET, OLD))
    token = tokens.mint(before, kind, claims_of(kind))
    assert read(kind, token, keys=after) == claims_of(kind)
    renewed = tokens.mint(after, kind, claims_of(kind))
    assert decoded(renewed.split(".")[0])["kid"] == kid_of(SECRET)
    assert read(kind, renewed, keys=Keys((SECRET,))) == claims_of(kind)


@kinds
def test_a_key_that_was_dropped_verifies_no_more(kind: Kind) -> None:
    token = tokens.mint(Keys((OLD,)), kind, claims_of(kind))
    assert refused(kind, token, keys=Keys((SECRET,))) == "unknown key"


@kinds
def test_several_old_keys_verify(kind: Kind) -> None:
    keys = Keys((STRANGER, SECRET, OLD))
    for secret in (STRANGER, SECRET, OLD):
        assert read(kind, tokens.mint(Keys((secret,)), kind, claims_of(kind)), keys=keys) == claims_of(kind)


@kinds
def test_a_kid_of_one_key_does_not_admit_the_signature_of_another(kind: Kind) -> None:
    keys = Keys((SECRET, OLD))
    refused(kind, made(header(kid=kid_of(OLD)), payload(kind), key_of(SECRET, kind)), keys=keys)


@kinds
def test_a_key_that_is_too_short_verifies_nothing(kind: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "_key", lambda secret, kind: b"short")
    refused(kind, made(header(), payload(kind), b"short"), keys=Keys((SECRET,)))


# The claims


@kinds
@pytest.mark.parametrize("claim", ["iss", "aud", "typ", "sub", "iat", "exp", "auth_time"])
def test_each_claim_is_required(kind: Kind, claim: str) -> None:
    refused(kind, genuine(kind, claim))
    refused(kind, genuine(kind, **{claim: None}))


@pytest.mark.parametrize("stamp", [None, 0, True, [], ["0123456789abcdef"], {}])
def test_a_refresh_token_needs_its_stamp(stamp: Any) -> None:
    refused("refresh", genuine("refresh", "stamp"))
    refused("refresh", genuine("refresh", stamp=stamp))


@kinds
def test_the_audience_is_this_one_word_and_no_list_with_it(kind: Kind) -> None:
    right = f"journal:{kind}"
    for aud in (
        [right],
        [right, "x"],
        [],
        "journal",
        right + " ",
        right.upper(),
        "*",
        "",
        0,
        True,
        {right: 1},
    ):
        refused(kind, genuine(kind, aud=aud))


@kinds
def test_the_issuer_is_this_one_word(kind: Kind) -> None:
    for iss in (["journal"], "Journal", "journal ", "journal2", "", "//journal", 0, True, {"journal": 1}):
        refused(kind, genuine(kind, iss=iss))


@kinds
def test_the_type_is_this_one_word(kind: Kind) -> None:
    for typ in (kind.upper(), kind + " ", "", "JWT", [kind], 0, True, {kind: 1}):
        refused(kind, genuine(kind, typ=typ))


@kinds
@pytest.mark.parametrize("claim", ["iat", "exp", "auth_time"])
def test_times_are_whole_numbers(kind: Kind, claim: str) -> None:
    odd = [str(NOW), NOW + 0.5, float(NOW), True, [NOW], {}, "", float("inf"), float("-inf"), float("nan")]
    for value in odd:
        refused(kind, genuine(kind, **{claim: value}))


@kinds
def test_a_number_that_python_would_not_read_is_refused(kind: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "MAX_LENGTH", 10_000)
    raw = json.dumps(payload(kind, exp=0)).replace('"exp": 0', '"exp": ' + "9" * 5000).encode()
    assert b"9999" in raw
    refused(kind, made(header(), raw, key_of(SECRET, kind)))


@kinds
@pytest.mark.parametrize("sub", ["1", "42", "0042", "9" * 18])
def test_a_subject_is_one_to_eighteen_digits(kind: Kind, sub: str) -> None:
    assert read(kind, genuine(kind, sub=sub)).user_id == int(sub)


ODD_TEXTS = ["", " ", " 42", "42 ", "42\n", "\n42", "42\0", "admin", "null", "../42", "' OR 1=1 --", "42;43"]
ODD_DIGITS = ["４２", "٤٢", "²", "-42", "+42", "4_2", "4.2", "42.0", "0x2a", "1e3", "9" * 19]


@kinds
@pytest.mark.parametrize("sub", [*ODD_TEXTS, *ODD_DIGITS, 42, 42.0, True, [], ["42"], {"sub": "42"}])
def test_any_other_subject_is_refused(kind: Kind, sub: Any) -> None:
    refused(kind, genuine(kind, sub=sub))


# Time


@kinds
def test_a_token_lives_until_its_last_second_and_not_a_second_longer(kind: Kind) -> None:
    end = NOW + LIVES[kind]
    assert read(kind, genuine(kind), now=end - 1)
    assert refused(kind, genuine(kind), now=end) == "expired"
    assert refused(kind, genuine(kind), now=end + 1) == "expired"


@kinds
def test_the_time_is_the_one_given_not_the_machines(kind: Kind) -> None:
    """Both of these are long gone, or far away, by the clock on the wall."""
    assert read(kind, genuine(kind, iat=1000, exp=2000), now=1500)
    assert read(kind, genuine(kind, iat=2**40, exp=2**40 + 10), now=2**40)


def test_an_access_token_may_come_from_a_minute_ahead() -> None:
    assert read("access", genuine("access", iat=NOW + 60))
    assert refused("access", genuine("access", iat=NOW + 61)) == "from the future"


def test_a_refresh_token_survives_a_clock_that_was_stepped_back() -> None:
    ahead = NOW + 365 * 86_400
    assert read("refresh", genuine("refresh", iat=ahead, exp=ahead + 10, auth_time=ahead)).issued_at == ahead


# Shapes


def sized(kind: Kind, length: int) -> str:
    """A genuine token of exactly that many characters."""
    for extra in ("", "x", "xx", "xxx"):
        claims = payload(kind, pad="")
        spare = length - len(made(header(x=extra), claims, key_of(SECRET, kind)))
        claims["pad"] = "p" * (spare * 3 // 4)
        token = made(header(x=extra), claims, key_of(SECRET, kind))
        if len(token) == length:
            return token
    raise AssertionError(f"no token of {length} characters")


@kinds
def test_a_token_may_have_4096_characters_and_no_more(kind: Kind) -> None:
    assert read(kind, sized(kind, 4096)) == claims_of(kind)
    assert refused(kind, sized(kind, 4097)) == "too long"


@kinds
def test_a_megabyte_is_refused_before_it_is_looked_at(kind: Kind) -> None:
    assert refused(kind, "." * 1_000_000) == "too long"


NESTS = [b"[" * 1400, b'{"a":' * 400, b"[" * 999 + b"]" * 999, b'{"exp":' + b"[" * 900 + b"]" * 900 + b"}"]


@kinds
@pytest.mark.parametrize("nested", NESTS)
def test_a_deep_nest_is_refused(kind: Kind, nested: bytes) -> None:
    refused(kind, made(header(), nested, key_of(SECRET, kind)))
    refused(kind, made(nested, payload(kind), key_of(SECRET, kind)))


def test_what_nests_beyond_pythons_patience_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """However deep it may be one day: the length alone must not be what protects us."""
    monkeypatch.setattr(tokens, "MAX_LENGTH", 10**7)
    deep = b"[" * 1_000_000
    refused("access", made(header(), deep, key_of(SECRET, "access")))
    refused("access", made(deep, payload("access"), key_of(SECRET, "access")))


@kinds
@pytest.mark.parametrize("body", [b"", b"null", b"[]", b'"x"', b"42", b"true", b"{", b"\xff", b"{}{}", b"{}"])
def test_claims_that_are_no_object_are_refused(kind: Kind, body: bytes) -> None:
    refused(kind, made(header(), body, key_of(SECRET, kind)))
    refused(kind, made(body, payload(kind), key_of(SECRET, kind)))


GARBAGE = [
    "",
    " ",
    ".",
    "..",
    "...",
    "a.b.c",
    "a.b.c.d.e",
    "=.=.=",
    "!!.!!.!!",
    "{}.{}.{}",
    "null",
    "A" * 4096,
]
UNREADABLE = ["\0", "é.é.é", "🙂.🙂.🙂", "\ud800.\ud800.\ud800", "ｅ.ｅ.ｅ", "%00", "Bearer x.y.z"]


@kinds
@pytest.mark.parametrize("text", [*GARBAGE, *UNREADABLE])
def test_garbage_is_refused(kind: Kind, text: str) -> None:
    with pytest.raises(InvalidToken):
        read(kind, text)


@kinds
def test_a_token_cut_anywhere_is_refused(kind: Kind) -> None:
    token = genuine(kind)
    for length in range(len(token)):
        with pytest.raises(InvalidToken):
            read(kind, token[:length])


@kinds
def test_a_token_with_something_around_it_is_refused(kind: Kind) -> None:
    token = genuine(kind)
    for around in (" {}", "{} ", "{}\n", '"{}"', "{}.", ".{}", "{}.x", "{}\0"):
        refused(kind, around.format(token))


@given(st.text(max_size=300))
@example("eyJhbGciOiJub25lIn0.e30.")
def test_no_text_at_all_is_more_than_refused(text: str) -> None:
    for kind in KINDS:
        with pytest.raises(InvalidToken):
            read(kind, text)


ODD_VALUES = st.none() | st.text() | st.floats() | st.booleans()


@given(st.dictionaries(st.sampled_from(sorted(payload("refresh"))), ODD_VALUES))
def test_strange_claims_under_a_genuine_signature_are_read_or_refused(changed: dict[str, Any]) -> None:
    for kind in KINDS:
        try:
            claims = read(kind, genuine(kind, **changed))
        except InvalidToken:
            continue
        assert {type(claims.issued_at), type(claims.expires_at), type(claims.auth_time)} == {int}
