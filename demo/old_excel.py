"""Write Excel 97 workbooks (BIFF8 in an OLE2 file), as old office systems still send them.

Of our own because the one package that writes .xls is no longer kept and stamps nothing reproducibly; it writes what
we need and no more: text, numbers, dates, merged ranges, several sheets.
"""

import struct
from collections.abc import Sequence
from pathlib import Path

from demo.sheets import DATE, NUMBER, Sheet


def write_xls(path: Path, sheets: Sequence[Sheet]) -> None:
    """Write an Excel 97 workbook; at most 65,536 rows a sheet."""
    for sheet in sheets:
        if sheet.all_rows > 65_536:
            raise ValueError(f"sheet {sheet.name}: {sheet.all_rows} rows, an xls sheet holds 65,536")
    strings: dict[str, int] = {}
    bodies, uses = [], 0
    for sheet in sheets:
        body, used = _biff_sheet(sheet, strings)
        bodies.append(body)
        uses += used
    bound = [s.name for s in sheets]
    globals_size = len(_biff_globals(bound, [0] * len(bound), strings, uses))
    offsets = [globals_size + sum(map(len, bodies[:i])) for i in range(len(bodies))]
    path.write_bytes(_ole2(_biff_globals(bound, offsets, strings, uses) + b"".join(bodies)))


def _record(code: int, body: bytes = b"") -> bytes:
    return struct.pack("<HH", code, len(body)) + body


def _biff_globals(names: list[str], offsets: list[int], strings: dict[str, int], uses: int) -> bytes:
    font = (
        struct.pack("<HHHHHBBBB", 220, 0, 0x7FFF, 400, 0, 0, 0, 134, 0)
        + b"\x02\x01"
        + "宋体".encode("utf-16-le")
    )
    parts = [
        _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0x0DBB, 0x07CC, 0, 6)),
        _record(0x0042, struct.pack("<H", 1200)),
        _record(0x003D, struct.pack("<9H", 0, 0, 0x4000, 0x2000, 0x38, 0, 0, 1, 600)),
        _record(0x0022, struct.pack("<H", 0)),
        *[_record(0x0031, font)] * 5,
    ]
    style = struct.pack("<HHHBBBBIIH", 0, 0, 0xFFF5, 0x20, 0, 0, 0, 0, 0, 0x20C0)
    parts += [_record(0x00E0, style)] * 15
    for number_format in (0, 14):
        parts.append(
            _record(0x00E0, struct.pack("<HHHBBBBIIH", 0, number_format, 1, 0x20, 0, 0, 4, 0, 0, 0x20C0))
        )
    parts.append(_record(0x0293, struct.pack("<HBB", 0x8000, 0, 0xFF)))
    for name, offset in zip(names, offsets, strict=True):
        parts.append(
            _record(0x0085, struct.pack("<IBBBB", offset, 0, 0, len(name), 1) + name.encode("utf-16-le"))
        )
    parts += _shared_strings(strings, uses)
    parts.append(_record(0x000A))
    return b"".join(parts)


def _shared_strings(strings: dict[str, int], uses: int) -> list[bytes]:
    """SST and CONTINUE records, cut between strings."""
    records: list[bytes] = []
    code, body = 0x00FC, bytearray(struct.pack("<II", uses, len(strings)))
    for text in strings:
        units = text.encode("utf-16-le")
        item = struct.pack("<HB", len(units) // 2, 1) + units
        if len(body) + len(item) > 8_200:
            records.append(_record(code, bytes(body)))
            code, body = 0x003C, bytearray()
        body += item
    records.append(_record(code, bytes(body)))
    return records


def _biff_sheet(sheet: Sheet, strings: dict[str, int]) -> tuple[bytes, int]:
    width = max(sheet.rows.width, *(len(r) for r in sheet.head), 1)
    out = bytearray(_record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0x0DBB, 0x07CC, 0, 6)))
    out += _record(0x0200, struct.pack("<IIHHH", 0, sheet.all_rows, 0, width, 0))
    uses = 0
    for r, row in enumerate([*sheet.head, *sheet.rows.rows(), *sheet.tail]):
        for c, cell in enumerate(row):
            if cell is None:
                continue
            if cell[:1] == NUMBER or cell[:1] == DATE:
                out += struct.pack(
                    "<HHHHHd", 0x0203, 14, r, c, 15 if cell[0] == NUMBER else 16, float(cell[1:])
                )
            else:
                index = strings.setdefault(cell, len(strings))
                uses += 1
                out += struct.pack("<HHHHHI", 0x00FD, 10, r, c, 15, index)
    if sheet.merges:
        ranges = [_range(m) for m in sheet.merges]
        out += _record(
            0x00E5, struct.pack("<H", len(ranges)) + b"".join(struct.pack("<4H", *x) for x in ranges)
        )
    out += _record(0x023E, struct.pack("<HHHHHHI", 0x06B6, 0, 0, 64, 0, 0, 0))
    out += _record(0x000A)
    return bytes(out), uses


def _range(text: str) -> tuple[int, int, int, int]:
    """A1:C2 -> first row, last row, first column, last column."""
    corners = []
    for corner in text.split(":"):
        head = corner.rstrip("0123456789")
        column = 0
        for letter in head:
            column = column * 26 + ord(letter) - 64
        corners.append((int(corner[len(head) :]) - 1, column - 1))
    return corners[0][0], corners[1][0], corners[0][1], corners[1][1]


def _ole2(stream: bytes) -> bytes:
    """A compound file with the one stream Workbook (at least 4,096 bytes, so that no small-sector table is needed)."""
    stream = stream.ljust(4_096, b"\0")
    size = len(stream)
    data_sectors = -(-size // 512)
    fat_sectors, difat_sectors = 1, 0
    while True:
        total = data_sectors + 1 + fat_sectors + difat_sectors
        need_fat = -(-total // 128)
        need_difat = max(0, -(-(need_fat - 109) // 127))
        if (need_fat, need_difat) == (fat_sectors, difat_sectors):
            break
        fat_sectors, difat_sectors = need_fat, need_difat
    end, free, fat_mark, difat_mark = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD, 0xFFFFFFFC
    directory = data_sectors
    first_fat = directory + 1
    first_difat = first_fat + fat_sectors
    fat = [*range(1, data_sectors), end, end, *[fat_mark] * fat_sectors, *[difat_mark] * difat_sectors]
    fat += [free] * (fat_sectors * 128 - len(fat))
    listed = [first_fat + i for i in range(fat_sectors)]
    header = bytearray(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16)
    header += struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + b"\0" * 10
    header += struct.pack(
        "<IIIIIIII",
        fat_sectors,
        directory,
        0,
        4_096,
        end,
        0,
        first_difat if difat_sectors else end,
        difat_sectors,
    )
    in_header = listed[:109] + [free] * (109 - len(listed[:109]))
    header += struct.pack("<109I", *in_header)
    difat = bytearray()
    rest = listed[109:]
    for i in range(difat_sectors):
        block = rest[i * 127 : (i + 1) * 127]
        block += [free] * (127 - len(block))
        difat += struct.pack("<128I", *block, first_difat + i + 1 if i + 1 < difat_sectors else end)

    def entry(name: str, kind: int, child: int, start: int, length: int) -> bytes:
        text = (name + "\0").encode("utf-16-le")
        return (
            text.ljust(64, b"\0") + struct.pack("<HBBIII", len(text), kind, 1, free, free, child) + b"\0" * 36
            + struct.pack("<III", start, length, 0)
        )  # fmt: skip

    folder = entry("Root Entry", 5, 1, end, 0) + entry("Workbook", 2, free, 0, size)
    folder += (b"\0" * 64 + struct.pack("<HBBIII", 0, 0, 0, free, free, free) + b"\0" * 48) * 2
    body = stream.ljust(data_sectors * 512, b"\0")
    return bytes(header) + body + folder + struct.pack(f"<{len(fat)}I", *fat) + bytes(difat)
