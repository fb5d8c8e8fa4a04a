"""The QR code, as SVG and PNG, and the paper sheet. Level Q where the text fits a code of 77 modules, as HCERT asks."""

from __future__ import annotations

import io
from html import escape

import segno

from wangge_credential.claims import Claims
from wangge_credential.instants import local_instant

BORDER = 4  # modules of quiet zone that the standard asks for
COLOURS = {"green": ("绿色", "GREEN"), "yellow": ("黄色", "YELLOW"), "red": ("红色", "RED")}


def code_of(text: str) -> segno.QRCode:
    """The code; its characters are those of the alphanumeric mode."""
    return segno.make(text, error="q", micro=False, boost_error=False)


def svg(text: str, scale: int = 4) -> bytes:
    out = io.BytesIO()
    code_of(text).save(out, kind="svg", scale=scale, border=BORDER, light="#fff", xmldecl=False, title="HC1")
    return out.getvalue()


def inline(text: str) -> str:
    """The code for a web page: as large as the box it stands in."""
    out = io.BytesIO()
    code_of(text).save(out, kind="svg", border=BORDER, light="#fff", xmldecl=False, omitsize=True, nl=False)
    return out.getvalue().decode()


def png(text: str, scale: int = 6) -> bytes:
    out = io.BytesIO()
    code_of(text).save(out, kind="png", scale=scale, border=BORDER)
    return out.getvalue()


def paper(text: str, claims: Claims, issuer: str = "", tz: str = "Asia/Shanghai") -> bytes:
    """An A6 sheet as SVG: the code, what it says in words (times in `tz`), and how it is checked. Prints as it is."""
    code = code_of(text)
    inner = io.BytesIO()
    code.save(
        inner, kind="svg", border=BORDER, light="#fff", xmldecl=False, svgns=False, omitsize=True, nl=False
    )
    zh, en = COLOURS[claims.colour.value]
    rows = (
        ("姓名首字母 Initials", claims.initials),
        ("出生月日 Birthday", claims.birthday()),
        ("状态 Status", f"{zh} {en}"),
        ("签发 Issued by", issuer or claims.issuer),
        ("有效期自 Valid from", local_instant(claims.not_before, tz)),
        ("失效 Expires", local_instant(claims.expires, tz)),
    )
    lines = "".join(
        f'<text x="8" y="{95 + 6.6 * n:.1f}" class="k">{escape(name)}</text>'
        f'<text x="97" y="{95 + 6.6 * n:.1f}" class="v" text-anchor="end">{escape(value)}</text>'
        f'<path d="M8 {97 + 6.6 * n:.1f}H97" class="l"/>'
        for n, (name, value) in enumerate(rows)
    )
    drawn = inner.getvalue().decode().replace("<svg ", '<svg x="19.5" y="17" width="66" height="66" ', 1)
    sheet = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="105mm" height="148mm" viewBox="0 0 105 148">'
        "<style>text{font-family:'Noto Sans CJK SC','PingFang SC','Microsoft YaHei',sans-serif;fill:#16212b}"
        ".t{font-size:6px;font-weight:700}.s{font-size:3px;fill:#4a5763}.k{font-size:3px;fill:#4a5763}"
        ".v{font-size:3.6px;font-weight:600}.l{stroke:#c9d1d8;stroke-width:.2}</style>"
        '<rect width="105" height="148" fill="#fff"/>'
        '<text x="52.5" y="10" class="t" text-anchor="middle">状态凭证 Status credential</text>'
        '<text x="52.5" y="15" class="s" text-anchor="middle">纸质 paper</text>'
        f"{drawn}{lines}"
        '<text x="8" y="137" class="s">扫码离线核验，并与证件上的姓名首字母和生日比对；核验不留记录。</text>'
        '<text x="8" y="141.5" class="s">'
        "Checked offline and against a document; nothing is recorded</text>"
        "</svg>"
    )
    return sheet.encode()
