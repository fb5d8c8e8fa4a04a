"""The verifier page as a file of its own: built from web/src/verifier, with a trust file put inside."""

from __future__ import annotations

from pathlib import Path

from wangge_credential.problems import Refused

BUILT = Path(__file__).parents[1] / "wangge/console/static/console/dist/verifier.html"
SLOT = '<script type="application/json" id="trust"></script>'


def with_trust(built: str, bundle: str) -> str:
    """The page with the trust file in its slot; `<` is escaped, so that no text in it can end the element."""
    if built.count(SLOT) != 1:
        raise Refused(
            "page", "不是核验页面，或已内嵌信任文件", "not the verifier page, or it has a trust file already"
        )
    return built.replace(
        SLOT, SLOT.replace("></script>", f">{bundle.replace('<', chr(92) + 'u003c')}</script>")
    )
