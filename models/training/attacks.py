"""Copies, prints, screens and edits of SPECIMEN cards: what the legality check has to tell from cards.

`photocopy`, `printed` and `screen` make a Sheet, a flat thing for the camera; a screen's Panel is applied to
the photograph. The door: the kinds are drawn in the files beside.

What the splits never share: type faces and grain (drawing.py), panel kinds and pitches (panels.py), the
printers and copiers (halftones.py), devices (screens.py), fills (edits.py), editors (signatures.py).
"""

from __future__ import annotations

from edits import edit
from halftones import COPIER_SCREENS, HALFTONES
from panels import Panel
from photocopies import photocopy
from prints import printed
from screens import DEVICES, screen
from sheets import Sheet
from signatures import camera_metadata, with_editor_metadata

__all__ = [
    "COPIER_SCREENS",
    "DEVICES",
    "HALFTONES",
    "Panel",
    "Sheet",
    "camera_metadata",
    "edit",
    "photocopy",
    "printed",
    "screen",
    "with_editor_metadata",
]
