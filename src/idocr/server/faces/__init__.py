"""The faces of the server: for each format what its clients send, how they sign, and what they are told.

A face knows its vendor's requests as `idocr.wire` knows its answers, and nothing of the web framework:
`Received` in, `Call` or `Reply` out.
"""

from __future__ import annotations

from .baidu import BaiduFace, BaiduTokenFace
from .base import Face
from .huawei import HuaweiFace, HuaweiV1Face
from .iam import HuaweiTokenFace
from .megvii import MegviiFace
from .page import PageFace
from .tempeisite import IflytekFace, TempeisiteFace
from .tencent import TencentFace
from .waiqin365 import Waiqin365Face

__all__ = ["FACES", "Face"]

FACES: tuple[type[Face], ...] = (
    MegviiFace,
    HuaweiV1Face,
    HuaweiFace,
    HuaweiTokenFace,
    Waiqin365Face,
    BaiduFace,
    BaiduTokenFace,
    TempeisiteFace,
    IflytekFace,
    TencentFace,
    PageFace,
)
