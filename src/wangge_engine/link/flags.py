"""What is odd about a record: nothing is dropped for it, and each oddity is written out with its reason.

Table ``flags`` (uid, field, code). A file in which most of several columns cannot be read has been shifted and is
refused, because its records would be linked by accident.
"""

from __future__ import annotations

import duckdb

from wangge_engine.frame.problems import refuse
from wangge_engine.frame.tables import has_table
from wangge_engine.text import shifted

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
    "name_in_letters": ("姓名写成拼音或外文", "the name is written in letters"),
    "name_with_digits": ("姓名里夹有数字", "digits stand in the name"),
    "test_row": ("像是试填的测试数据", "looks like test data left in the table"),
    "household_loop": (
        "户主关系绕成一圈：所指的记录又指回自己",
        "household references go round in a circle back to the record",
    ),
    "repeated_in_source": ("同一来源里重复多次", "many times in one source"),
}
REPEATED_MORE_THAN = 10
# Names that people type to try a form, and those that count only beside a number nobody can own.
TEST_NAMES = "^(测试|试填|样例|示例|test|xxx)"
TRIED_NAMES = "('张三', '李四', '王五', '张三三', '小明')"

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
SELECT p.uid, 'name', 'name_in_letters' FROM placed p WHERE regexp_matches(p.name, '^[A-Za-z][A-Za-z .·''-]+$')
UNION ALL
SELECT p.uid, 'name', 'name_with_digits' FROM placed p JOIN records r USING (uid)
WHERE regexp_matches(p.name, '[0-9０-９]') AND r.name_kind <> 'none'
UNION ALL
SELECT p.uid, 'name', 'test_row' FROM placed p JOIN records r USING (uid)
WHERE regexp_matches(lower(p.name), '{TEST_NAMES}')
   OR p.name IN {TRIED_NAMES} AND (p.phone IS NOT NULL AND r.phone IS NULL OR r.id_problem IS NOT NULL)
UNION ALL
SELECT uid, 'household_ref', 'household_loop' FROM household_loops
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
        f"CASE WHEN count(*) FILTER (WHERE {c}) >= {shifted.ROWS}"
        f" THEN count(*) FILTER (WHERE {c} AND no_{c}) / count(*) FILTER (WHERE {c}) END AS {c}"
        for c in shifted.WORDS
    )
    found = con.execute(
        _SHIFTED.format(columns=columns, share=shifted.SHARE, fields=shifted.COLUMNS)
    ).fetchall()
    if found:
        source, fields = found[0]
        zh, en = _columns(con, source, fields.split(", "))
        raise refuse(
            "columns_shifted",
            f"这些列里的内容与列名不符：{zh}。整个文件可能错了一列，已停止，未保留任何内容。"
            "请对齐列名与内容后重新提交",
            f"these columns do not hold what their names say: {en}. The file seems shifted by a column; it was"
            " stopped and nothing of it was kept. Put names and cells in line and send it again",
            source,
        )
    _find_loops(con)
    con.execute(_FLAGS)


def _columns(con: duckdb.DuckDBPyConnection, source: str, fields: list[str]) -> tuple[str, str]:
    """The columns as the file names them, with what each should hold."""
    named: dict[str, str] = {}
    if has_table(con, "columns_in"):
        rows = con.execute(
            "SELECT field, header FROM columns_in WHERE source IN (?, '')", [source]
        ).fetchall()
        named = dict(rows)
    told = [(named.get(field, field), *shifted.WORDS.get(field, (field, field))) for field in fields]
    zh = "、".join(f"“{header}”（应为{word}）" for header, word, _ in told)
    en = ", ".join(f'"{header}" (should hold {word})' for header, _, word in told)
    return zh, en


def _find_loops(con: duckdb.DuckDBPyConnection) -> None:
    """Table ``household_loops``: records whose household reference names a record that leads back to them.

    A reference names one record at most, so a walk from any record ends, or comes round; a head who names himself is
    no loop.
    """
    con.execute("CREATE OR REPLACE TABLE household_loops (uid INTEGER)")
    told = con.execute(
        """
        SELECT i.uid, min(j.uid) FROM records_in i
        JOIN records_in j ON j.source = i.source AND j.record_id = i.household_ref AND j.uid <> i.uid GROUP BY i.uid
        """
    ).fetchall()
    leads: dict[int, int] = dict(told)
    seen: set[int] = set()
    round_again: list[int] = []
    for start in leads:
        path: dict[int, int] = {}  # record -> its place on this walk
        at: int | None = start
        while at is not None and at not in seen:
            seen.add(at)
            path[at] = len(path)
            at = leads.get(at)
        if at is not None and at in path:
            round_again += [uid for uid, place in path.items() if place >= path[at]]
    if round_again:
        con.execute("INSERT INTO household_loops SELECT unnest(?)", [sorted(round_again)])


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
