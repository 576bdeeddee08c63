"""Printed labels: where a row's value begins, and which side's rows these are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .lines import Line, LineChar

VALUE_STEP = 1.35  # of the distance of a label's characters: no value is nearer, if it is doubtful
LEAST_VALUE = 0.6  # confidence of what is not
LABEL_STEP = 1.35  # of the distance of a label's characters: what is farther is no part of it
NAME_LABEL, ADDRESS_LABEL, AUTHORITY_LABEL = "姓名", "住址", "签发机关"
EMBLEM_LABELS = AUTHORITY_LABEL + "有效期限"


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
            if count > 1 and char.text == label[-1]:  # a step farther the value begins
                begin_mm = char.middle_mm + VALUE_STEP * (
                    char.middle_mm - chars[count - 2].middle_mm
                )
                value = chars[count:]
                is_near = bool(value) and value[0].middle_mm < begin_mm
                # Of authorities the list of divisions tells what is too much.
                if is_near and label != AUTHORITY_LABEL and value[0].confidence < LEAST_VALUE:
                    value = value[1:]
                return _without_rest(value, label)
    if not seen:
        return _without_rest((c for c in chars if c.middle_mm >= label_end_mm), label)
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
    return _without_rest((c for c in chars[seen:] if c.middle_mm >= label_end_mm - 1.5), label)


def _without_rest(chars: Iterable[LineChar], label: str) -> tuple[LineChar, ...]:
    """Without a label's last character, where corners are off and it stands among the values.

    No name begins with 名 and no address with 址; authorities do with 关.
    """
    value = tuple(chars)
    is_rest = label in (NAME_LABEL, ADDRESS_LABEL) and bool(value) and value[0].text == label[-1]
    return value[1:] if is_rest else value


def has_label(line: Line, label: str, label_end_mm: float) -> bool:
    return any(c.text in label and c.middle_mm < label_end_mm for c in line.chars[:2])


def begins_emblem_row(line: Line) -> bool:
    return sum(c in line.text[:5] for c in EMBLEM_LABELS) >= 2


def emblem_label_share(rows: Sequence[Line]) -> float:
    seen = "".join(row.text[:4] for row in rows)
    return sum(c in seen for c in EMBLEM_LABELS) / len(EMBLEM_LABELS)
