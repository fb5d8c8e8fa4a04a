"""What coordinates can refer to, in the words of those who draw maps."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from wangge.territory.states import Datum

DATUM_WORDS = {
    Datum.WGS84: "WGS-84 (GPS)",
    Datum.CGCS2000: "CGCS2000",
    Datum.GCJ02: _("GCJ-02 (AMap, Tencent)"),
    Datum.BD09: _("BD-09 (Baidu)"),
}
