"""What is odd about a record: nothing is dropped for it, and each oddity is written out with its reason.

Table ``flags`` (uid, field, code). A file in which most of several columns cannot be read has been shifted and is
refused, because its records would be linked by accident.
"""

from __future__ import annotations

import duckdb

from wangge_engine.frame.problems import refuse

REASONS = {
    "lost_digits": (
        "号码经过数值格式，末几位已丢失",
        "the number went through a number cell and lost digits",
    ),
    "masked": ("号码被遮盖", "the number is masked"),
    "bad_form": ("不成其为身份号码", "not an identity number"),
    "bad_check": ("校验码不对", "the check digit is wrong"),
    "bad_date": ("号码里的出生日期不存在", "the birth date in the number does not exist"),
    "bad_place": ("号码里的地区码未见过", "the place code in the number is unknown"),
    "borrowed": ("号码属于别人：与旁边的出生日期、性别或其他记录相反", "the number is another person's"),
    "outvoted": ("号码与同一人的其他记录不符", "the number differs from the person's other records"),
    "unreadable_date": (
        "日期读不出来、在将来或是默认值",
        "the date is unreadable, in the future, or a default",
    ),
    "unusable_phone": ("不是可用的电话号码", "not a usable telephone number"),
    "shared_phone": ("许多人共用的电话，不作依据", "a telephone shared by many: not evidence"),
    "crowded_door": ("许多人同一门牌，不作依据", "a door shared by many: not evidence"),
    "no_name": ("没有姓名或是占位文字", "no name, or a placeholder"),
    "partial_name": ("姓名不全", "the name is not whole"),
    "columns_swapped": ("姓名、号码、电话互换了位置，已换回", "name, number and telephone were put back"),
    "bad_code_form": ("不成其为统一社会信用代码", "not a number of an organisation"),
    "bad_code_check": ("信用代码校验码不对", "the number of the organisation fails its check"),
    "code_borrowed": (
        "信用代码属于别的单位或抄错：与同名的其他记录不符",
        "the code is another organisation's",
    ),
    "repeated_in_source": ("同一来源里重复多次", "many times in one source"),
}
REPEATED_MORE_THAN = 10
# A file is shifted when at least two of its filled columns are mostly unreadable.
SHIFTED_ROWS = 20
SHIFTED_SHARE = 0.8
SHIFTED_COLUMNS = 2

_FLAGS = f"""
CREATE OR REPLACE TABLE flags AS
SELECT uid, 'id_no' AS field, id_problem AS code FROM records WHERE id_problem IS NOT NULL
UNION ALL
SELECT uid, 'id_no', 'borrowed' FROM records WHERE id_borrowed
UNION ALL
SELECT p.uid, 'birth', 'unreadable_date' FROM placed p JOIN records r USING (uid)
WHERE p.birth IS NOT NULL AND r.own_birth IS NULL
UNION ALL
SELECT p.uid, 'phone', CASE WHEN r.phone IS NULL THEN 'unusable_phone' ELSE 'shared_phone' END
FROM placed p JOIN records r USING (uid) WHERE p.phone IS NOT NULL AND r.phone_key IS NULL
UNION ALL
SELECT uid, 'address', 'crowded_door' FROM records WHERE address_key IS NOT NULL AND door IS NULL
UNION ALL
SELECT uid, 'name', CASE name_kind WHEN 'none' THEN 'no_name' ELSE 'partial_name' END
FROM records WHERE name_kind IN ('none', 'partial')
UNION ALL
SELECT p.uid, 'name', 'columns_swapped' FROM placed p JOIN records_in i USING (uid)
WHERE p.name IS DISTINCT FROM i.name OR p.id_no IS DISTINCT FROM i.id_no AND p.id_no = i.phone
UNION ALL
SELECT uid, 'record_id', 'repeated_in_source' FROM (
    SELECT uid, count(*) OVER (PARTITION BY source, pinyin, coalesce(id_number, birth, phone_key)) AS n
    FROM records WHERE pinyin IS NOT NULL AND coalesce(id_number, birth, phone_key) IS NOT NULL
) WHERE n > {REPEATED_MORE_THAN}
"""
_SHIFTED = """
WITH read AS (
    SELECT r.source, p.name IS NOT NULL AS name, p.id_no IS NOT NULL AS id_no, p.birth IS NOT NULL AS birth,
           p.phone IS NOT NULL AS phone, r.name_kind = 'none' AS no_name,
           r.id_number IS NULL AND r.id_problem = 'bad_form' AS no_id_no, r.own_birth IS NULL AS no_birth,
           r.phone IS NULL AS no_phone
    FROM placed p JOIN records r USING (uid)
), counted AS (
    UNPIVOT (
        SELECT source, {columns} FROM read GROUP BY source
    ) ON name, id_no, birth, phone INTO NAME field VALUE share
)
SELECT source, string_agg(field, ', ' ORDER BY field) FROM counted WHERE share > {share}
GROUP BY source HAVING count(*) >= {fields} ORDER BY source
"""


def make_flags(con: duckdb.DuckDBPyConnection) -> None:
    """Fill table ``flags``; refuse a shifted file. Needs ``placed`` and ``records_in`` beside ``records``."""
    columns = ", ".join(
        f"CASE WHEN count(*) FILTER (WHERE {c}) >= {SHIFTED_ROWS}"
        f" THEN count(*) FILTER (WHERE {c} AND no_{c}) / count(*) FILTER (WHERE {c}) END AS {c}"
        for c in ("name", "id_no", "birth", "phone")
    )
    shifted = con.execute(
        _SHIFTED.format(columns=columns, share=SHIFTED_SHARE, fields=SHIFTED_COLUMNS)
    ).fetchall()
    if shifted:
        source, fields = shifted[0]
        raise refuse(
            "columns_shifted",
            f"多列内容与列名不符（{fields}），整个文件可能错位",
            f"columns do not hold what they say ({fields}); the file seems shifted",
            source,
        )
    con.execute(_FLAGS)


def flag_counts(con: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Number of records by reason."""
    return dict(con.execute("SELECT code, count(*) FROM flags GROUP BY code ORDER BY code").fetchall())


def write_query() -> str:
    """The select that gives the flags with their reasons in words."""
    return (
        "SELECT r.source, r.record_id, f.field, f.code AS reason_code, w.zh AS reason_zh, w.en AS reason_en"
        f" FROM flags f JOIN records r USING (uid) JOIN ({reason_words()}) w ON w.code = f.code"
        " ORDER BY r.source, r.record_id, f.field, f.code"
    )


def reason_words() -> str:
    """A select of code, zh and en."""
    words = ", ".join(
        f"('{code}', '{zh}', '{en.replace(chr(39), chr(39) * 2)}')" for code, (zh, en) in REASONS.items()
    )
    return f"SELECT * FROM (VALUES {words}) AS t(code, zh, en)"
