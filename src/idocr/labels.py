"""Printed labels: where a row's value begins, and which side's rows these are."""

from __future__ import annotations

from collections.abc import Sequence

from .lines import Line, LineChar

# From the middle of a label's character to that of any value's first one, at least.
VALUE_MM = {"姓": 7.3, "住": 7.3, "名": 4.1, "址": 4.1}
LEAST_VALUE = 0.6  # confidence of what is not
LABEL_STEP = 1.35  # of the distance of a label's characters: what is farther is no part of it
NAME_LABEL, ADDRESS_LABEL, AUTHORITY_LABEL = "姓名", "住址", "签发机关"
TERM_LABEL = "有效期限"
EMBLEM_LABELS = AUTHORITY_LABEL + TERM_LABEL


def without_label(
    chars: tuple[LineChar, ...], label: str, label_end_mm: float
) -> tuple[LineChar, ...]:
    """Drop a printed label from the start: by its text, else by its place.

    By its text also a little beyond its place: no name, address or authority begins like its label,
    and the corners may be a few mm off.
    """
    seen = 0
    for count, char in enumerate(chars[: len(label) + 1], start=1):
        if char.text in label and char.middle_mm < label_end_mm + 4.0:
            seen = count
            if count > 1 and char.text == label[-1]:
                return _without_rest(chars, count, label)
    if not seen:
        before = sum(c.middle_mm < label_end_mm for c in chars)
        return _without_rest(chars, before, label)
    if seen == 1 and len(label) == 2 and len(chars) > 2:
        first, second, third = chars[:3]
        is_second = third.middle_mm - second.middle_mm > LABEL_STEP * (
            second.middle_mm - first.middle_mm
        )
        if is_second and second.middle_mm < label_end_mm + 1.0:  # misread, and the value farther on
            seen = 2
    elif 1 < seen < len(label):  # its other characters follow at the same distance, misread
        step = (chars[seen - 1].middle_mm - chars[0].middle_mm) / (seen - 1)
        while seen < min(len(label), len(chars)):
            if chars[seen].middle_mm - chars[seen - 1].middle_mm > LABEL_STEP * step:
                break
            seen += 1
    # What is left of a label's last character stands well before any value.
    while seen < len(chars) and chars[seen].middle_mm < label_end_mm - 1.5:
        seen += 1
    return _without_rest(chars, seen, label)


def _without_rest(chars: tuple[LineChar, ...], begin: int, label: str) -> tuple[LineChar, ...]:
    """The value from this character on, without what is left of its label before it.

    No name begins with 名 and no address with 址, and both keep their distance from the label; authorities
    do neither, but of them the list of divisions tells what is too much.
    """
    value = chars[begin:]
    if label == AUTHORITY_LABEL:
        return value
    if value and value[0].text == label[-1]:
        value = value[1:]
    least_mm = min(
        (c.middle_mm + VALUE_MM[c.text] for c in chars[:begin] if c.text in VALUE_MM), default=0.0
    )
    if value and value[0].middle_mm < least_mm and value[0].confidence < LEAST_VALUE:
        value = value[1:]
    return value


def has_label(line: Line, label: str, label_end_mm: float) -> bool:
    return any(c.text in label and c.middle_mm < label_end_mm for c in line.chars[:2])


def begins_term_row(line: Line) -> bool:
    return sum(c in line.text[:5] for c in TERM_LABEL) >= 2


def begins_emblem_row(line: Line) -> bool:
    return sum(c in line.text[:5] for c in EMBLEM_LABELS) >= 2


def emblem_label_share(rows: Sequence[Line]) -> float:
    seen = "".join(row.text[:4] for row in rows)
    return sum(c in seen for c in EMBLEM_LABELS) / len(EMBLEM_LABELS)
