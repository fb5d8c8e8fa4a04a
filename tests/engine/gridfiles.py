"""Files of grids for tests, and the codes they hang on."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from typing import Any

from wangge_engine.geofiles.layers import GeoFormat
from wangge_engine.geofiles.writing import write_layer
from wangge_engine.topology.checking import Cell

DISTRICT = "120110000000"
STREET = "120110001000"
COMMUNITY = "120110001005"
OTHER = "120110001006"
NUMBERS = "一二三四五六七八九十"


def grid_file(
    cells: Sequence[Cell],
    format: GeoFormat = GeoFormat.GEOJSON,
    *,
    names: Sequence[str] | None = None,
    kinds: Sequence[str] | None = None,
    households: Sequence[int | None] | None = None,
    headers: dict[str, str] | None = None,
) -> tuple[str, bytes]:
    """(file name, bytes) of some cells with plain attributes; `headers` renames columns."""
    columns: dict[str, Sequence[Any]] = {
        "code": [cell.code for cell in cells],
        "name": names or [f"第{NUMBERS[int(cell.code[-1]) - 1]}网格" for cell in cells],
        "kind": kinds or ["base"] * len(cells),
        "households": households or [300] * len(cells),
    }
    renamed = {(headers or {}).get(name, name): values for name, values in columns.items()}
    name, _, body = write_layer(format, "grids", renamed, [cell.geometry for cell in cells])
    return name, body


CHINESE_HEADERS = {"code": "网格编码", "name": "网格名称", "kind": "网格类型", "households": "户数"}


def chinese_shapefile(cells: Sequence[Cell], encoding: str, cpg: str | None) -> tuple[str, bytes]:
    """A zipped Shapefile as Chinese programs write it: headers cut after ten bytes, text in some encoding."""
    names = [f"第{NUMBERS[int(cell.code[-1]) - 1]}网格" for cell in cells]
    columns = {"code": [cell.code for cell in cells], "name": names, "kind": ["基础网格"] * len(cells)}
    columns["households"] = ["300"] * len(cells)
    _, _, body = write_layer(GeoFormat.SHAPEFILE, "网格", columns, [cell.geometry for cell in cells])
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(body)) as before, zipfile.ZipFile(packed, "w") as after:
        for item in before.namelist():
            content = before.read(item)
            if item.endswith(".dbf"):
                content = _recoded(content, list(CHINESE_HEADERS.values()), encoding)
            if item.endswith(".cpg"):
                if cpg is None:
                    continue
                content = cpg.encode()
            after.writestr(item, content)
    return "网格.zip", packed.getvalue()


def _recoded(raw: bytes, headers: Sequence[str], encoding: str) -> bytes:
    out = bytearray(raw)
    out[29] = 0  # no language driver: only the .cpg speaks
    header, length = int.from_bytes(raw[8:10], "little"), int.from_bytes(raw[10:12], "little")
    widths = []
    for number, name in enumerate(headers):
        at = 32 + 32 * number
        out[at : at + 11] = name.encode(encoding)[:10].ljust(11, b"\0")
        widths.append(raw[at + 16])
    for start in range(header, len(raw) - length + 1, length):
        at = start + 1
        for width in widths:
            text = raw[at : at + width].decode().rstrip().encode(encoding)
            out[at : at + width] = text[:width].ljust(width)
            at += width
    return bytes(out)
