"""The divisions that grids of the tests hang on."""

from __future__ import annotations

from tests.engine.gridfiles import COMMUNITY, OTHER
from wangge.territory.types import DivisionRow

DIVISIONS = (
    DivisionRow("120110", "天津市东丽区"),
    DivisionRow("120110001", "张贵庄街道"),
    DivisionRow(COMMUNITY, "华亭里社区居委会"),
    DivisionRow(OTHER, "先锋里社区居委会"),
)
