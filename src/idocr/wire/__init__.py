"""The formats in which idocr answers, one module a vendor: Reading -> that vendor's answer.

`FORMATS` is the registry. A module of it has

    Switches            a TypedDict of what the format's requests can ask for
    CROPS               switch -> the picture that `Recognizer.read` then cuts out
    LIMITS              the pictures that the format accepts
    answer(reading, **switches)
    refusal_for(error)  the row of the format's errors that an exception is
    refuse(refusal)     the answer that says so
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal, cast, get_args, get_origin, get_type_hints

from ..errors import ArgumentError

if TYPE_CHECKING:
    from ..image import Limits
    from ..reading import Reading

OtherFormat = Literal["huawei", "waiqin365", "baidu", "tempeisite", "iflytek", "tencent"]
FormatName = Literal["megvii"] | OtherFormat


@dataclass(frozen=True)
class Format:
    """A line of the registry. The module is imported when it is first used."""

    module_name: str
    prefix: str = ""  # of the module's `answer` and `refuse`, where it has two routes
    timed: bool = False  # whether the answer says how long it took

    @property
    def module(self) -> ModuleType:
        return import_module(f".{self.module_name}", __name__)

    @property
    def limits(self) -> Limits:
        return cast("Limits", self.module.LIMITS)

    @property
    def switches(self) -> dict[str, Any]:
        """Name -> type."""
        return get_type_hints(self.module.Switches)

    def check(self, switches: Mapping[str, Any]) -> None:
        """Raise ArgumentError for a switch that the format does not have, or of the wrong type."""
        types = self.switches
        for name, value in switches.items():
            if name not in types:
                raise ArgumentError(name, f"is none of {', '.join(types)}")
            if not _fits(value, types[name]):
                raise ArgumentError(name, f"must be {_in_words(types[name])}")

    def crops(self, switches: Mapping[str, Any]) -> dict[str, bool]:
        """The arguments of `Recognizer.read` that cut out what the switches ask for."""
        return {crop: True for name, crop in self.module.CROPS.items() if switches.get(name)}

    def answer(
        self, reading: Reading, switches: Mapping[str, Any], time_used_ms: int
    ) -> dict[str, Any]:
        function = getattr(self.module, f"{self.prefix}answer")
        taken = {"time_used_ms": time_used_ms} if self.timed else {}
        return cast("dict[str, Any]", function(reading, **switches, **taken))

    def refuse(self, error: Exception) -> dict[str, Any]:
        """The format's answer in place of an exception."""
        function = getattr(self.module, f"{self.prefix}refuse")
        return cast("dict[str, Any]", function(self.module.refusal_for(error)))

    def parse(self, setting: str) -> tuple[str, Any]:
        """A switch and its value from NAME=VALUE, or NAME alone for a switch that is on."""
        name, _, text = setting.partition("=")
        value: Any = text if "=" in setting else True
        if self.switches.get(name) is bool and text in ("true", "false"):
            value = text == "true"
        self.check({name: value})
        return name, value


FORMATS: dict[FormatName, Format] = {
    "megvii": Format("megvii", timed=True),
    "huawei": Format("huawei"),
    "waiqin365": Format("waiqin365"),
    "baidu": Format("baidu"),
    "tempeisite": Format("tempeisite"),
    "iflytek": Format("tempeisite", prefix="upstream_"),
    "tencent": Format("tencent"),
}


def find(name: FormatName) -> Format:
    """The format of this name, or ArgumentError."""
    if name not in FORMATS:
        raise ArgumentError("format", f"is none of {', '.join(FORMATS)}")
    return FORMATS[name]


def _fits(value: Any, kind: Any) -> bool:
    if get_origin(kind) is Literal:
        return value in get_args(kind)
    choices = get_args(kind) or (kind,)
    return type(value) in choices  # True is no int here


def _in_words(kind: Any) -> str:
    if get_origin(kind) is Literal:
        return " or ".join(f'"{value}"' for value in get_args(kind))
    return " or ".join(choice.__name__ for choice in get_args(kind) or (kind,))
