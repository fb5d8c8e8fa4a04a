"""Pictures: small, of known formats, whatever the names in them."""

from pathlib import Path

import pytest

from wangge_engine.frame.plots import picture, require_known_picture, shorten, words
from wangge_engine.frame.problems import Refused


@pytest.mark.parametrize("ending", [".png", ".svg"])
def test_a_picture_is_small_and_holds_any_name(tmp_path, ending):
    path = tmp_path / f"p{ending}"
    with picture(path, width=4, height=2) as figure:
        axes = figure.subplots()
        axes.plot([0, 1], [0, 1], label=shorten("海颂园 $10^{ " * 9))
        axes.set_title(words("曲线", "Curve"))
        axes.legend()
    assert path.read_bytes()[:4] == (b"\x89PNG" if ending == ".png" else b"<?xm")
    assert path.stat().st_size < 60_000


def test_another_format_is_refused():
    with pytest.raises(Refused, match="unknown_format"):
        require_known_picture(Path("x.jpeg"))
    require_known_picture(None)
