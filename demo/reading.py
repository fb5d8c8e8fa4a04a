"""Read the department files back by their documented layouts, to check them; the platform must find out by itself."""

from pathlib import Path

import polars as pl
from python_calamine import CalamineWorkbook

_HALF = dict(zip("０１２３４５６７８９Ｘ＃－", "0123456789X#-", strict=True))
_CHINESE = dict(zip("〇一二三四五六七八九", "0123456789", strict=True))
FIELDS = ("record_id", "name", "id_no", "sex", "birth", "phone", "address")


def _named(headers: str) -> dict[str, str]:
    return dict(zip(FIELDS, headers.split(), strict=True))


# department -> canonical field -> header of the file (address of housing is put together from four)
HEADERS: dict[str, dict[str, str]] = {
    "public_security": _named("人员编号 姓名 公民身份号码 性别 出生日期 联系电话 户籍地址"),
    "health": _named("档案号 姓名 身份证号 性别代码 出生日期 本人电话 现住址"),
    "human_resources": _named("个人编号 姓名 证件号码 性别 出生日期 手机号码 家庭住址"),
    "education": _named("学籍号 姓名 身份证件号 性别 出生日期 监护人电话 现住址"),
    "grid_office": _named("走访编号 居民姓名 身份证号 性别 出生日期 联系电话 住址"),
    "housing": {"record_id": "登记编号", "name": "姓名", "id_no": "证件号码", "phone": "手机"},
    "property": {
        "record_id": "登记号", "name": "业主/住户姓名", "id_no": "证件号", "phone": "联系电话", "address": "楼栋房号"
    },
    "hotline": {"record_id": "工单编号", "name": "来电人", "sex": "性别", "phone": "来电号码", "address": "地址"},
    "civil_affairs:低保": _named("编号 姓名 身份证号 性别 出生年月日 联系电话 家庭住址"),
    "civil_affairs:高龄津贴": _named("编号 老人姓名 公民身份证号码 性别 出生日期 联系电话 居住地址"),
    "civil_affairs:残疾人两项补贴": _named("编号 姓名 身份证号码 性别 出生日期 电话 现住址"),
}  # fmt: skip


def _cell(value: object) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def read_sheets(path: Path) -> dict[str, pl.DataFrame]:
    """Every sheet of a workbook, or the one table of a csv, as text under its own header row."""
    if path.suffix == ".csv":
        raw = path.read_bytes()
        text = raw.decode("gbk") if path.name.startswith("卫健") else raw.decode("utf-8-sig")
        return {"": pl.read_csv(text.encode(), infer_schema=False)}
    book = CalamineWorkbook.from_path(path)
    tables = {}
    for name in book.sheet_names:
        rows = [[_cell(v) for v in row] for row in book.get_sheet_by_name(name).to_python()]
        known = {h for headers in HEADERS.values() for h in headers.values()}
        head = max(range(min(6, len(rows))), key=lambda i: (sum(v in known for v in rows[i]), -i))
        tables[name] = pl.DataFrame(
            rows[head + 1 :], schema={str(h): pl.String for h in rows[head]}, orient="row"
        )
    return tables


def read_person_records(out: Path, manifest: dict[str, object]) -> pl.DataFrame:
    """All person records as text: source and the canonical fields, widths and Chinese digits made plain."""
    frames = []
    for entry in manifest["files"]:  # type: ignore[attr-defined]
        if entry["kind"] != "person":
            continue
        source = entry["department"]
        for sheet, table in read_sheets(out / entry["path"]).items():
            headers = HEADERS.get(source) or HEADERS[f"{source}:{sheet}"]
            columns = {
                f: (pl.col(headers[f]) if f in headers else pl.lit(None, dtype=pl.String)) for f in FIELDS
            }
            if source == "housing":
                parts = [pl.col(c).fill_null("") for c in ("小区名称", "楼号", "单元", "房号")]
                columns["address"] = pl.when(pl.col("小区名称").is_not_null()).then(pl.concat_str(parts))
            frames.append(table.select(pl.lit(source).alias("source"), **columns))
    plain = pl.col(*FIELDS).str.replace_many(_HALF).replace("", None)
    return pl.concat(frames).with_columns(plain)


def parsed_birth(text: pl.Expr) -> pl.Expr:
    """Dates in any of the manners of the files as yyyymmdd text; null where there is none."""
    month_day = text.str.replace_all("三十", "3十").str.replace_all("二十", "2十")
    digits = month_day.str.replace_many(_CHINESE)
    digits = digits.str.replace_all(r"(\d)十(\d)", "$1$2").str.replace_all(r"(\d)十", "${1}0")
    digits = digits.str.replace_all(r"十(\d)", "1$1").str.replace_all("十", "10")
    parts = digits.str.extract_groups(r"^(\d{4})\D(\d{1,2})\D(\d{1,2})")
    split = parts.struct["1"] + parts.struct["2"].str.zfill(2) + parts.struct["3"].str.zfill(2)
    serial = pl.from_epoch(digits.cast(pl.Int64, strict=False) - 25_569, "d").dt.strftime("%Y%m%d")
    return (
        pl.when(digits.str.contains(r"^\d{8}$")).then(digits)
        .when(digits.str.contains(r"^\d{5}$")).then(serial)
        .otherwise(split)
    )  # fmt: skip
