"""The verifier page in Chromium: opened from a disk with no network, by picture, by text and by camera."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browsing import opened_chromium, patient, violations
from tests.credential.vectors import FILE
from wangge_credential import page as pages
from wangge_credential import qr
from wangge_credential.problems import Refused

pytestmark = [pytest.mark.browser, pytest.mark.slow]
BODY: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
CASES = {case["name"]: case for case in BODY["vectors"]}
SIDE = 480


def film(text: str) -> bytes:
    """One frame for Chromium's pretended camera (Y4M): the code, black on white, in grey."""
    rows = list(qr.code_of(text).matrix_iter(scale=6, border=4))
    edge = (SIDE - len(rows)) // 2
    luma = bytearray(b"\xeb" * SIDE * SIDE)
    for y, row in enumerate(rows):
        luma[(y + edge) * SIDE + edge : (y + edge) * SIDE + edge + len(row)] = bytes(
            16 if dark else 235 for dark in row
        )
    frame = b"FRAME\n" + bytes(luma) + b"\x80" * (SIDE * SIDE // 2)
    return f"YUV4MPEG2 W{SIDE} H{SIDE} F10:1 Ip A1:1 C420jpeg\n".encode() + frame * 2


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page with its trust file inside, pictures, and what the camera sees."""
    if not pages.BUILT.is_file():
        (pytest.fail if os.environ.get("CI") else pytest.skip)("needs the built page: npm run build in web/")
    home = tmp_path_factory.mktemp("page")
    html = pages.with_trust(pages.BUILT.read_text(encoding="utf-8"), json.dumps(BODY["trust"]))
    (home / "verifier.html").write_text(html, encoding="utf-8")
    (home / "trust.json").write_text(json.dumps(BODY["trust"]))
    for name in ("green", "revoked", "cut by one"):
        (home / f"{name}.png").write_bytes(qr.png(CASES[name]["text"], scale=4))
    (home / "none.png").write_bytes(b"no picture")
    (home / "camera.y4m").write_bytes(film(CASES["paper"]["text"]))
    return home


@pytest.fixture(scope="module")
def browser(folder: Path) -> Iterator[Browser]:
    camera = ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]
    with opened_chromium(*camera, f"--use-file-for-fake-video-capture={folder / 'camera.y4m'}") as shown:
        yield shown


def opened(browser: Browser, address: str, locale: str = "zh-CN", width: int = 390) -> tuple[Page, list[str]]:
    """The page on the vectors' day, and all that it complained of or asked for beyond itself."""
    context = browser.new_context(
        viewport={"width": width, "height": 844}, locale=locale, timezone_id="Asia/Shanghai"
    )
    context.clock.set_fixed_time(datetime.fromisoformat(CASES["green"]["at"]))
    page = patient(context.new_page())
    odd: list[str] = []
    page.on("pageerror", lambda error: odd.append(str(error)))
    page.on("console", lambda message: odd.append(message.text) if message.type == "error" else None)
    page.on(
        "request",
        lambda asked: odd.append(asked.url) if not asked.url.startswith(("file:", "blob:")) else None,
    )
    page.goto(address)
    return page, odd


@pytest.mark.parametrize(("locale", "width", "words"), [("zh-CN", 390, ("有效", "无效", "无法读取")), ("en-GB", 1440, ("Valid", "Not valid", "Unreadable"))])  # fmt: skip
def test_a_picture_is_judged_offline_from_a_file(
    browser: Browser, folder: Path, locale: str, width: int, words: tuple[str, ...]
) -> None:
    page, odd = opened(browser, (folder / "verifier.html").as_uri(), locale, width)
    expect(page.locator("body.armed")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == width
    for name, word in zip(("green", "revoked", "cut by one"), words, strict=True):
        page.set_input_files("#picture", folder / f"{name}.png")
        expect(page.locator(".word")).to_have_text(word)
        expect(page.locator(".compare")).to_have_count(0 if name == "cut by one" else 1)
        if name != "cut by one":
            expect(page.locator(".compare dd").first).to_have_text("Z W")
        assert violations(page) == []
        page.click("#next")
    page.set_input_files("#picture", folder / "none.png")
    expect(page.locator("#said")).not_to_be_empty()
    assert page.evaluate("JSON.stringify([{...localStorage}, document.cookie])") == '[{},""]'
    assert odd == []
    page.context.close()


def test_the_camera_reads_a_code_and_waits_for_the_next(browser: Browser, folder: Path) -> None:
    page, odd = opened(browser, (folder / "verifier.html").as_uri())
    page.click("#camera")
    expect(page.locator(".word")).to_have_text("有效")
    expect(page.locator(".card")).to_contain_text("纸质凭证")
    page.click("#next")
    expect(page.locator(".word")).to_have_text("有效")
    assert odd == []
    page.context.close()


def test_a_trust_file_is_loaded_and_places_have_their_own_rules(browser: Browser, folder: Path) -> None:
    page, odd = opened(browser, pages.BUILT.as_uri(), "en-GB")
    expect(page.locator("#camera")).to_be_disabled()
    page.set_input_files("#trust-file", folder / "green.png")
    expect(page.locator("#trust-words")).to_have_text("not a trust file")
    page.set_input_files("#trust-file", folder / "trust.json")
    expect(page.locator("#trust-words")).to_contain_text("Tianjin")
    page.click("summary")
    for place, word in (("CN-12", "Not valid"), ("CN-33", "Valid")):
        page.select_option("#place", place)
        page.fill("#text", CASES["yellow"]["text"])
        page.click("#judge")
        expect(page.locator(".word")).to_have_text(word)
        page.click("#next")
    page.clock.set_fixed_time(datetime.fromisoformat(CASES["lists run out"]["at"]))
    page.fill("#text", CASES["lists run out"]["text"])
    page.click("#judge")
    expect(page.locator(".word")).to_have_text("Cannot judge")
    assert odd == []
    page.context.close()


@pytest.mark.shared_data
def test_an_eu_certificate_is_read_from_its_picture(
    browser: Browser, shared_data: Path, tmp_path: Path
) -> None:
    vector = json.loads((shared_data / "dcc/AT/2DCode/raw/1.json").read_text(encoding="utf-8"))
    (tmp_path / "code.png").write_bytes(base64.b64decode(vector["2DCODE"]))
    pem = f"-----BEGIN CERTIFICATE-----\n{vector['TESTCTX']['CERTIFICATE']}\n-----END CERTIFICATE-----\n"
    (tmp_path / "signers.pem").write_text(pem)
    (tmp_path / "broken.pem").write_text(pem.replace("MII", "M?I", 1))
    page, odd = opened(browser, pages.BUILT.as_uri(), "en-GB")
    page.clock.set_fixed_time(datetime.fromisoformat(vector["TESTCTX"]["VALIDATIONCLOCK"]))
    page.set_input_files("#trust-file", tmp_path / "broken.pem")
    expect(page.locator("#trust-words")).to_contain_text("cannot be read")
    page.set_input_files("#trust-file", tmp_path / "signers.pem")
    expect(page.locator("#trust-words")).to_contain_text("1 EU signing")
    page.set_input_files("#picture", tmp_path / "code.png")
    expect(page.locator(".word")).to_have_text("Valid")
    expect(page.locator(".compare dd").first).to_have_text("Musterfrau-Gößinger Gabriele")
    assert odd == []
    page.context.close()


def test_the_trust_file_cannot_break_out_of_its_place(folder: Path) -> None:
    html = pages.with_trust(pages.SLOT, '{"format":"</script><script>alert(1)</script>"}')
    assert html.count("<script") == 1
    with pytest.raises(Refused):
        pages.with_trust((folder / "verifier.html").read_text(encoding="utf-8"), "{}")
