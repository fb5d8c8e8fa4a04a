"""Reading GeoJSON, GeoPackage (also zipped) and zipped Shapefile, in memory, through GDAL.

Reading gives raw columns and geometries in the file's own coordinates turned to longitude and latitude; what the
columns mean and whether the grids are sound is decided elsewhere. Text encodings are checked against the bytes,
because a .cpg file often says what the writing program defaulted to, not what was written.
"""

from __future__ import annotations

import io
import tempfile
import warnings
import zipfile
from collections.abc import Sequence
from pathlib import Path, PurePath
from typing import Any

import numpy as np
import orjson
import pyogrio
import pyproj
import shapely
from pyogrio.errors import DataLayerError, DataSourceError

from wangge_engine.datums.coordinates import Datum
from wangge_engine.frame.problems import refuse
from wangge_engine.geofiles.dbf import settle_text
from wangge_engine.geofiles.layers import GeoFormat, Layer
from wangge_engine.geometry.measures import Geometry, without_empty_rings

MAX_BYTES = 256 * 1024 * 1024
_MAX_UNPACKED = 1024 * 1024 * 1024
_MAX_RATIO = 200
_REMARKS = 5
_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")


def read_layer(file_name: str, body: bytes) -> Layer:
    """Reads the one layer of a file. Raises Refused, naming the file, for whatever cannot be read."""
    if not body:
        raise refuse("file_empty", "文件是空的。", "The file is empty.", file_name)
    if len(body) > MAX_BYTES:
        raise refuse(
            "file_too_large",
            f"文件超过 {MAX_BYTES >> 20} MB，请按街道拆分后导入。",
            f"The file is larger than {MAX_BYTES >> 20} MB; split it by street and import the parts.",
            file_name,
        )
    suffix = PurePath(file_name).suffix.lower()
    if suffix in (".geojson", ".json"):
        return _read_geojson(file_name, body)
    if suffix == ".gpkg":
        return _read_geopackage(file_name, body)
    if suffix == ".zip":
        return _read_zip(file_name, body)
    if suffix in (".shp", ".dbf", ".shx"):
        raise refuse(
            "shapefile_not_zipped",
            "Shapefile 由多个文件组成，请将 .shp、.shx、.dbf（及 .prj、.cpg）压缩为一个 zip 上传。",
            "A Shapefile is several files: zip the .shp, .shx, .dbf (and .prj, .cpg) and upload the zip.",
            file_name,
        )
    raise refuse(
        "format_unknown",
        "只接受 GeoJSON、GeoPackage（.gpkg，可压缩为 zip）和 zip 压缩的 Shapefile。",
        "Only GeoJSON, GeoPackage (.gpkg, also in a zip) and zipped Shapefile are accepted.",
        file_name,
    )


def _read_geojson(file_name: str, body: bytes) -> Layer:
    notes: list[tuple[str, str]] = []
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        try:
            body = body.decode("gb18030").encode()
        except UnicodeDecodeError as error:
            raise refuse(
                "text_undecodable", "文件既不是 UTF-8 也不是 GB18030 编码。", "The text is neither UTF-8 nor GB18030.",
                file_name,
            ) from error  # fmt: skip
        notes.append(
            ("文件按 GB18030 读取（GeoJSON 应为 UTF-8）", "read as GB18030 (GeoJSON should be UTF-8)")
        )
    try:
        orjson.loads(body.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        raise refuse(
            "json_broken",
            f"第 {error.lineno} 行第 {error.colno} 列：不是有效的 JSON。",
            f"Line {error.lineno}, column {error.colno}: not valid JSON.",
            file_name,
        ) from error
    return _read_with_gdal(file_name, body, GeoFormat.GEOJSON, notes=notes)


def _read_zip(file_name: str, body: bytes) -> Layer:
    """One Shapefile, or one GeoPackage."""
    archive, visible = _opened(file_name, body)
    packages = [item for item in visible if item.filename.lower().endswith(".gpkg")]
    if len(packages) == 1 and not any(item.filename.lower().endswith(".shp") for item in visible):
        return _read_geopackage(file_name, _content(file_name, archive, packages[0]))
    with tempfile.TemporaryDirectory(prefix="wangge-shp-") as folder:
        base = _unpack(file_name, archive, visible, Path(folder))
        dbf, cpg = base.with_suffix(".dbf"), base.with_suffix(".cpg")
        said = cpg.read_text("ascii", errors="replace").strip() if cpg.exists() else ""
        encoding, content, notes = settle_text(dbf.read_bytes(), said)
        dbf.write_bytes(content)
        return _read_with_gdal(
            file_name, base.with_suffix(".shp"), GeoFormat.SHAPEFILE, encoding=encoding, notes=notes
        )


def _read_geopackage(file_name: str, body: bytes) -> Layer:
    with tempfile.TemporaryDirectory(prefix="wangge-gpkg-") as folder:
        path = Path(folder) / "layer.gpkg"
        path.write_bytes(body)
        return _read_with_gdal(file_name, path, GeoFormat.GEOPACKAGE)


def _opened(file_name: str, body: bytes) -> tuple[zipfile.ZipFile, list[zipfile.ZipInfo]]:
    """The archive and its files, those that operating systems add left out; too large ones are refused."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(body))
        members = [item for item in archive.infolist() if not item.is_dir()]
    except zipfile.BadZipFile as error:
        raise refuse("zip_broken", "zip 文件已损坏。", "The zip file is broken.", file_name) from error
    unpacked = sum(item.file_size for item in members)
    if unpacked > _MAX_UNPACKED or unpacked > _MAX_RATIO * max(len(body), 100_000):
        raise refuse(
            "zip_bomb",
            "压缩包解压后过大，已拒绝。",
            "Unpacked, the archive would be far too large; refused.",
            file_name,
        )
    return archive, [item for item in members if not PurePath(item.filename).name.startswith(("._", "."))]


def _content(file_name: str, archive: zipfile.ZipFile, item: zipfile.ZipInfo) -> bytes:
    try:
        return archive.read(item)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
        raise refuse(
            "zip_broken", f"无法解压 {item.filename}。", f"Cannot unpack {item.filename}.", file_name
        ) from error


def _unpack(
    file_name: str, archive: zipfile.ZipFile, visible: Sequence[zipfile.ZipInfo], folder: Path
) -> Path:
    """Takes the parts of one Shapefile out of a zip, under fixed names; returns the base path."""
    shapes = [item for item in visible if item.filename.lower().endswith(".shp")]
    if len(shapes) != 1:
        names = "、".join(item.filename for item in shapes) or "0"
        raise refuse(
            "shapefile_count",
            f"压缩包中应恰有一个 .shp 文件（现有：{names}）。",
            f"The archive must hold exactly one .shp file (found: {names}).",
            file_name,
        )
    stem = shapes[0].filename[:-4]
    found = {
        item.filename[-4:].lower(): item
        for item in visible
        if item.filename[:-4] == stem and item.filename[-4:].lower() in _PARTS
    }
    for needed in (".shx", ".dbf"):
        if needed not in found:
            raise refuse(
                "shapefile_incomplete",
                f"压缩包中缺少 {stem}{needed}。",
                f"The archive lacks {stem}{needed}.",
                file_name,
            )
    for suffix, item in found.items():
        (folder / f"layer{suffix}").write_bytes(_content(file_name, archive, item))
    return folder / "layer"


def _read_with_gdal(
    file_name: str,
    source: bytes | Path,
    format_: GeoFormat,
    *,
    encoding: str | None = None,
    notes: Sequence[tuple[str, str]] = (),
) -> Layer:
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        try:
            layers = pyogrio.list_layers(source)
            if len(layers) != 1:
                names = "、".join(str(name) for name, _ in layers) or "0"
                raise refuse(
                    "layer_count",
                    f"文件中应恰有一个图层（现有：{names}）。",
                    f"The file must hold exactly one layer (found: {names}).",
                    file_name,
                )
            meta, _, wkb, values = pyogrio.raw.read(
                source, force_2d=True, encoding=encoding, datetime_as_string=True
            )
        except (DataSourceError, DataLayerError, UnicodeDecodeError) as error:
            raise refuse(
                "geofile_unreadable", "无法识别文件内容。", f"The file cannot be read ({error}).", file_name
            ) from error
    remarked = list(dict.fromkeys(str(one.message) for one in said))[:_REMARKS]
    if wkb is None or not len(wkb):
        raise refuse("layer_empty", "文件中没有任何图形。", "The file holds no feature.", file_name)
    with np.errstate(invalid="ignore"):  # coordinates that are no numbers are reported later, with their rows
        geometries = np.array(
            [without_empty_rings(shape) for shape in shapely.from_wkb(wkb, on_invalid="ignore")], dtype=object
        )
    crs, datum, degrees, shapes, remarks = _to_degrees(file_name, meta["crs"], geometries)
    return Layer(
        format=format_,
        columns={
            str(name): _plain(column) for name, column in zip(meta["fields"].tolist(), values, strict=True)
        },
        geometries=shapes,
        datum=datum,
        crs=crs,
        degrees=degrees,
        notes=(*notes, *remarks, *((f"读取时提示：{text}", text) for text in remarked)),
    )


def _plain(column: Any) -> list[Any]:
    return [None if isinstance(value, float) and np.isnan(value) else value for value in column.tolist()]


def _to_degrees(
    file_name: str, crs_text: str | None, geometries: Any
) -> tuple[str, Datum | None, bool, list[Geometry], list[tuple[str, str]]]:
    """Longitude and latitude from whatever the file names. Without a named system, degrees are taken as such."""
    if not crs_text:
        remark = ("文件未说明坐标系", "the file names no coordinate system")
        return "", None, True, list(geometries), [remark]
    try:
        crs = pyproj.CRS.from_user_input(crs_text)
    except pyproj.exceptions.CRSError as error:
        raise refuse(
            "crs_unknown",
            f"无法识别坐标系：{crs_text[:80]}",
            f"The coordinate system is not known: {crs_text[:80]}",
            file_name,
        ) from error
    # China Geodetic Coordinate System 2000 is EPSG:4490; its projections name it as their base
    base = crs.geodetic_crs
    datum = Datum.CGCS2000 if base is not None and "2000" in base.name else Datum.WGS84
    if crs.is_geographic and (crs.to_epsg() in (4326, 4490) or base is None or _modern(base.name)):
        return crs.name, datum, True, list(geometries), []
    transformer = pyproj.Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
    shapes = shapely.transform(
        geometries, lambda xy: np.column_stack(transformer.transform(xy[:, 0], xy[:, 1]))
    )
    remark = (f"已由 {crs.name} 转换为经纬度", f"turned from {crs.name} into longitude and latitude")
    return crs.name, datum, False, list(shapes), [remark]


def _modern(name: str) -> bool:
    return "WGS 84" in name or "2000" in name or "CRS84" in name
