"""What the server is told: a TOML file, with options over it.

    host = "127.0.0.1"
    port = 8000
    formats = ["megvii", "huawei"]

    [megvii.keys]
    "an-api-key" = "its-secret"

Keys are per format: api_key = api_secret (megvii), access key = secret key (huawei), openid = appkey
(waiqin365), accessKey = secretKey (tempeisite), APPID = APIKey (iflytek), API Key = Secret Key (baidu),
SecretId = SecretKey (tencent). Either every format that is served has keys or none has. The page counts as
a format: it is served where its name `page` is among them, with keys of its own, a name = a secret.
"""

from __future__ import annotations

import ipaddress
import os
import socket
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, get_origin, get_type_hints

from ..wire import FORMATS

PAGE = "page"
SERVED = (*FORMATS, PAGE)


class SettingsError(ValueError):
    """A setting has a wrong name, type or value; the message never carries a key."""


@dataclass(frozen=True)
class FormatSettings:
    """What can be told of one format."""

    # A caller's public name -> its secret. Empty: everybody is let in.
    keys: Mapping[str, str] = field(default_factory=dict, repr=False)
    tokens: tuple[str, ...] = field(default=(), repr=False)  # huawei: X-Auth-Token to accept
    limits: str = "2018"  # megvii: "2018" as in the document of V2.0.0, "current" as today
    denied: tuple[str, ...] = field(default=(), repr=False)  # megvii: api_keys that are put on hold
    most_calls: int = 0  # megvii: calls of one api_key until the server stops, 0 for any number
    max_age_s: int = 0  # waiqin365: how old a timestamp may be, 0 for any age
    unique_transfer_id: bool = False  # waiqin365: refuse a transfer_id that came before


@dataclass(frozen=True)
class Settings:
    """All settings, with what holds where nothing is said."""

    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = field(default_factory=lambda: os.cpu_count() or 1)  # pictures read at a time
    queue: int = 16  # pictures that wait; one more is refused
    wait_s: float = 10.0  # what has waited longer is refused
    upload_s: float = 30.0  # a body that takes longer to arrive is given up
    max_body_bytes: int = 20 * 1024 * 1024  # of a request; the formats bound the picture besides
    formats: tuple[str, ...] = SERVED
    image_url_hosts: tuple[
        str, ...
    ] = ()  # from where pictures may be fetched; none: URLs are refused
    image_url_s: float = 5.0  # a picture that takes longer to fetch is given up
    of_format: Mapping[str, FormatSettings] = field(default_factory=dict)

    def of(self, format_name: str) -> FormatSettings:
        return self.of_format.get(format_name, FormatSettings())

    def is_open(self, format_name: str) -> bool:
        """Whether the format accepts all callers."""
        told = self.of(format_name)
        return not told.keys and not told.tokens


def load(path: Path | None, **options: Any) -> Settings:
    """The file's settings with the options that are not None over them. Raises SettingsError."""
    told: dict[str, Any] = {}
    if path is not None:
        try:
            told = tomllib.loads(path.read_text("utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(f"{path} cannot be read: {type(error).__name__}") from None
        except tomllib.TOMLDecodeError as error:
            raise SettingsError(f"{path} is no TOML: {_position(error)}") from None
    sections = {name: told.pop(name) for name in list(told) if name in SERVED}
    told |= {name: value for name, value in options.items() if value is not None}
    plain = _typed(Settings, told, "")
    per_format: dict[str, FormatSettings] = {
        name: FormatSettings(**_typed(FormatSettings, section, f"{name}."))
        for name, section in sections.items()
    }
    settings = Settings(**plain, of_format=per_format)
    if "formats" not in plain and per_format:
        keyed = tuple(name for name in SERVED if not settings.is_open(name))
        settings = replace(settings, formats=keyed or settings.formats)
    _check(settings)
    return settings


def _position(error: tomllib.TOMLDecodeError) -> str:
    """Where the file is wrong, without the words around it: they may hold a key."""
    message = str(error)
    return message[message.rfind("(at ") :].strip("()") if "(at " in message else "malformed"


def _typed(kind: type, told: Any, prefix: str) -> dict[str, Any]:
    """The settings of a table, each of the type that the dataclass declares."""
    if not isinstance(told, dict):
        raise SettingsError(f"{prefix.rstrip('.')} must be a table")
    types = get_type_hints(kind)
    known = [f.name for f in fields(kind) if f.name != "of_format"]
    typed = {}
    for name, value in told.items():
        if name not in known:
            raise SettingsError(f"{prefix}{name} is no setting; known are {', '.join(known)}")
        typed[name] = _as(value, types[name], f"{prefix}{name}")
    return typed


def _as(value: Any, kind: Any, name: str) -> Any:
    if get_origin(kind) is tuple:
        if isinstance(value, list | tuple) and all(isinstance(item, str) for item in value):
            return tuple(value)
        raise SettingsError(f"{name} must be a list of texts")
    if get_origin(kind) is Mapping:
        if isinstance(value, dict) and all(
            isinstance(item, str) and item for item in value.values()
        ):
            return value
        raise SettingsError(f"{name} must be a table of texts that are not empty")
    accepted = (int, float) if kind is float else (kind,)
    if type(value) in accepted:  # True is no number here
        return value
    raise SettingsError(f"{name} must be of the type {kind.__name__}")


def _check(settings: Settings) -> None:
    lowest = {"port": 0, "workers": 1, "queue": 0, "wait_s": 0, "upload_s": 0, "image_url_s": 0}
    for name, least in lowest.items():
        if getattr(settings, name) < least:
            raise SettingsError(f"{name} must be at least {least}")
    if settings.port > 65535:
        raise SettingsError("port must be at most 65535")
    if settings.max_body_bytes < 1024:
        raise SettingsError("max_body_bytes must be at least 1024")
    if not settings.formats:
        raise SettingsError("formats names none")
    for name in settings.formats:
        if name not in SERVED:
            raise SettingsError(f"formats: {name} is none of {', '.join(SERVED)}")
    if settings.of("megvii").limits not in ("2018", "current"):
        raise SettingsError('megvii.limits must be "2018" or "current"')
    _check_callers(settings)


def _check_callers(settings: Settings) -> None:
    """Nobody but this machine is let in without a key."""
    is_open = [name for name in settings.formats if settings.is_open(name)]
    if is_open and not is_loopback(settings.host):
        raise SettingsError(
            f"host {settings.host} can be reached from other machines, and {', '.join(is_open)} "
            "would accept all callers: give keys in the settings file, leave the format out of "
            "formats, or listen on 127.0.0.1"
        )
    if is_open and len(is_open) < len(settings.formats):
        raise SettingsError(
            f"{', '.join(is_open)} would accept all callers while other formats have keys: give "
            "keys, or leave the format out of formats"
        )


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach the address, or all addresses of the name."""
    try:
        found = {str(info[4][0]) for info in socket.getaddrinfo(host, None)}
    except (OSError, UnicodeError):
        raise SettingsError(f"host {host} is no address of this machine") from None
    return all(ipaddress.ip_address(address.split("%")[0]).is_loopback for address in found)
