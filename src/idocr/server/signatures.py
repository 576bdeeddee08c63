"""The formats' signatures: each function says whether a request was signed by the owner of a secret.

Comparisons take the same time wherever the texts differ. An unknown caller is compared too, with a
secret that nobody has, so that the time does not tell which names exist.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from urllib.parse import parse_qsl, quote

NOBODYS_SECRET = secrets.token_hex()
BEIJING = timezone(timedelta(hours=8))
Headers = Mapping[str, str]  # names in lower case


def same(first: str, second: str) -> bool:
    """Equality in constant time."""
    return hmac.compare_digest(first.encode("utf-8"), second.encode("utf-8"))


def secret_of(keys: Mapping[str, str], name: str) -> str:
    return keys.get(name, NOBODYS_SECRET)


def is_pair(keys: Mapping[str, str], name: str, secret: str) -> bool:
    """A name and its secret, both sent as they are (Megvii, Baidu's token)."""
    return same(secret_of(keys, name), secret)


def any_of(tokens: tuple[str, ...], token: str) -> bool:
    return sum(same(token, known) for known in tokens) > 0  # no early end, unlike any()


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode("utf-8"), "sha256")


@dataclass(frozen=True)
class Signed:
    """What a signature covers."""

    method: str
    path: str  # percent-decoded
    query: str  # as sent, without "?"
    headers: Headers
    body: bytes = field(repr=False)


def parameters(authorization: str, scheme: str) -> dict[str, str]:
    """Name -> value of `SCHEME a=1, b=2`; empty where it is another scheme."""
    head, _, rest = authorization.partition(" ")
    if head != scheme:
        return {}
    pairs = (part.strip().partition("=") for part in rest.split(","))
    return {name: value for name, _, value in pairs}


def _canonical(signed: Signed, names: list[str], path: str) -> str:
    """The text that Huawei's and Tencent's rules begin with."""
    query = sorted(parse_qsl(signed.query, keep_blank_values=True))
    lines = [
        signed.method,
        path,
        "&".join(f"{quote(k, safe='-_.~')}={quote(v, safe='-_.~')}" for k, v in query),
        *(f"{name}:{signed.headers.get(name, '').strip()}" for name in names),
        "",
        ";".join(names),
        _sha256(signed.body),
    ]
    return "\n".join(lines)


# ---- Huawei: SDK-HMAC-SHA256 ------------------------------------------------------------------------

HUAWEI_SCHEME = "SDK-HMAC-SHA256"
HUAWEI_WINDOW_S = 15 * 60


def is_signed_for_huawei(signed: Signed, keys: Mapping[str, str], now: float | None = None) -> bool:
    """`Authorization: SDK-HMAC-SHA256 Access=.., SignedHeaders=.., Signature=..` with X-Sdk-Date."""
    given = parameters(signed.headers.get("authorization", ""), HUAWEI_SCHEME)
    names = given.get("SignedHeaders", "").split(";")
    date = signed.headers.get("x-sdk-date", "")
    path = quote(signed.path, safe="/-_.~")
    text = _canonical(signed, names, path if path.endswith("/") else path + "/")
    key = secret_of(keys, given.get("Access", "")).encode("utf-8")
    expected = _hmac(key, f"{HUAWEI_SCHEME}\n{date}\n{_sha256(text.encode('utf-8'))}").hex()
    fresh = _is_fresh(_from_text(date, "%Y%m%dT%H%M%SZ", UTC), HUAWEI_WINDOW_S, now)
    return same(expected, given.get("Signature", "")) and fresh and "x-sdk-date" in names


# ---- Tencent: TC3-HMAC-SHA256 -----------------------------------------------------------------------

TENCENT_SCHEME = "TC3-HMAC-SHA256"
TENCENT_WINDOW_S = 5 * 60


def is_signed_for_tencent(signed: Signed, keys: Mapping[str, str]) -> bool:
    """`Authorization: TC3-HMAC-SHA256 Credential=ID/DATE/SERVICE/tc3_request, SignedHeaders=.., ..`.

    The service is taken from the scope: clients derive it from the host, which is an address here.
    """
    given = parameters(signed.headers.get("authorization", ""), TENCENT_SCHEME)
    name, _, scope = given.get("Credential", "").partition("/")
    date, _, rest = scope.partition("/")
    service, _, end = rest.partition("/")
    names = given.get("SignedHeaders", "").split(";")
    text = _canonical(signed, names, signed.path)
    moment = signed.headers.get("x-tc-timestamp", "")
    key = f"TC3{secret_of(keys, name)}".encode()
    for part in (date, service, end):
        key = _hmac(key, part)
    to_sign = f"{TENCENT_SCHEME}\n{moment}\n{scope}\n{_sha256(text.encode('utf-8'))}"
    return (
        same(_hmac(key, to_sign).hex(), given.get("Signature", ""))
        and end == "tc3_request"
        and date == _utc_day(moment)
    )


def is_fresh_for_tencent(headers: Headers, now: float | None = None) -> bool:
    return _is_fresh(_seconds(headers.get("x-tc-timestamp", "")), TENCENT_WINDOW_S, now)


def _utc_day(seconds: str) -> str:
    moment = _seconds(seconds)
    return "" if moment is None else datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d")


# ---- waiqin365, iFlytek, Faiz: digests --------------------------------------------------------------

WINDOW_S = 5 * 60  # of iFlytek's and Faiz' timestamps


def is_signed_for_waiqin365(
    keys: Mapping[str, str], openid: str, timestamp: str, digest: str, body: bytes
) -> bool:
    """digest = md5(body|appkey|timestamp), over the bytes as sent."""
    tail = f"|{secret_of(keys, openid)}|{timestamp}".encode()
    return same(hashlib.md5(body + tail).hexdigest(), digest)


def is_fresh_for_waiqin365(timestamp: str, max_age_s: int, now: float | None = None) -> bool:
    """A timestamp is yyyyMMddHHmmss, Beijing time."""
    return _is_fresh(_from_text(timestamp, "%Y%m%d%H%M%S", BEIJING), max_age_s, now)


def is_signed_for_iflytek(headers: Headers, keys: Mapping[str, str]) -> bool:
    """X-CheckSum = md5(APIKey + X-CurTime + X-Param)."""
    secret = secret_of(keys, headers.get("x-appid", ""))
    text = secret + headers.get("x-curtime", "") + headers.get("x-param", "")
    return same(hashlib.md5(text.encode()).hexdigest(), headers.get("x-checksum", ""))


def is_fresh_for_iflytek(headers: Headers, now: float | None = None) -> bool:
    return _is_fresh(_seconds(headers.get("x-curtime", "")), WINDOW_S, now)


def is_signed_for_faiz(headers: Headers, keys: Mapping[str, str], now: float | None = None) -> bool:
    """sign = sha256(body.secretKey), where `body` is a header: the picture itself is not signed."""
    text = f"{headers.get('body', 'null')}.{secret_of(keys, headers.get('accesskey', ''))}"
    fresh = _is_fresh(_seconds(headers.get("timestamp", "")), WINDOW_S, now)
    return same(_sha256(text.encode("utf-8")), headers.get("sign", "")) and fresh


class Once:
    """Remembers what came within the last while; safe between threads."""

    MOST = 100_000  # forgets the oldest beyond: memory stays bounded

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._seen: dict[str, float] = {}  # in the order of arrival
        self._lock = threading.Lock()

    def is_new(self, name: str) -> bool:
        """Whether this came for the first time; it is remembered from now on."""
        now = time.monotonic()
        with self._lock:
            while self._seen:
                oldest, came = next(iter(self._seen.items()))
                if now - came < self._seconds and len(self._seen) < self.MOST:
                    break
                del self._seen[oldest]
            if name in self._seen:
                return False
            self._seen[name] = now
            return True


# ---- Baidu, Huawei: tokens that carry their own proof -----------------------------------------------
# Nothing is kept of them, and a restart forgets none; a new secret ends those of the old one.

BAIDU_TOKEN_S = 30 * 24 * 3600
HUAWEI_TOKEN_S = 24 * 3600


def mint_token(keys: Mapping[str, str], name: str, now: float | None = None) -> str:
    """Baidu's token for a caller whose secret was right."""
    expires = int((now or time.time()) + BAIDU_TOKEN_S)
    return f"24.{_token_proof(keys, name, expires)}.{BAIDU_TOKEN_S}.{expires}.{name}"


def token_expiry(keys: Mapping[str, str], token: str) -> int | None:
    """When Baidu's token ends, in seconds since 1970; None for one that was not minted here."""
    parts = token.split(".", 4)
    if len(parts) != 5:
        return None
    expires = _seconds(parts[3])
    return _proved(keys, parts[4], expires, parts[1])


def mint_huawei_token(keys: Mapping[str, str], name: str, now: float | None = None) -> str:
    """An X-Subject-Token: ASCII without spaces, whatever the name."""
    expires = int((now or time.time()) + HUAWEI_TOKEN_S)
    holder = base64.urlsafe_b64encode(name.encode("utf-8", "replace")).decode("ascii")
    return f"{holder}.{expires}.{_token_proof(keys, name, expires)}"


def huawei_token_expiry(keys: Mapping[str, str], token: str) -> int | None:
    """When an X-Auth-Token ends, in seconds since 1970; None for one that was not minted here."""
    holder, _, rest = token.partition(".")
    expires, _, proof = rest.partition(".")
    try:
        name = base64.urlsafe_b64decode(holder).decode("utf-8")
    except ValueError:
        return None
    return _proved(keys, name, _seconds(expires), proof)


def _proved(keys: Mapping[str, str], name: str, expires: float | None, proof: str) -> int | None:
    """The end of a token whose proof is right, else None."""
    if expires is None:
        return None
    return int(expires) if same(_token_proof(keys, name, int(expires)), proof) else None


def _token_proof(keys: Mapping[str, str], name: str, expires: int) -> str:
    key = secret_of(keys, name).encode("utf-8")
    return _hmac(key, f"idocr access token\n{name}\n{expires}").hex()


# ---- moments ----------------------------------------------------------------------------------------


def _seconds(text: str) -> float | None:
    return float(text) if text.isascii() and text.isdecimal() and len(text) <= 12 else None


def _from_text(text: str, pattern: str, zone: timezone) -> float | None:
    try:
        return datetime.strptime(text, pattern).replace(tzinfo=zone).timestamp()
    except ValueError:
        return None


def _is_fresh(moment: float | None, window_s: float, now: float | None) -> bool:
    return moment is not None and abs((now or time.time()) - moment) <= window_s
