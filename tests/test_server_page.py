"""`POST /read` and the page at `/`: what the server sends, and what a person sees in headless Chromium."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from made_readings import true_texts
from server_process import (
    EMBLEM,
    NO_CARD,
    NO_PICTURE,
    PORTRAIT,
    SAMPLES,
    Answer,
    Served,
    in_base64,
    serving,
)

import idocr.server
from idocr.server.page import FILES
from idocr.wire import FORMATS

STATIC = Path(idocr.server.__file__).parent / "static"
OCTETS = {"Content-Type": "application/octet-stream"}
KEYED = '[megvii.keys]\nk = "s"\n[page.keys]\n"张三" = "密"\n'
TRUE = true_texts("portrait")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("page"), "--workers", "1") as served:
        yield served


@pytest.fixture(scope="module")
def keyed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("keyed"), "--workers", "1", config=KEYED) as served:
        yield served


def read(server: Served, image: bytes, path: str = "/read", **headers: str) -> Answer:
    return server.ask(path, image, OCTETS | headers)


# ---- POST /read -------------------------------------------------------------------------------------


def test_read_tells_everything_that_was_found(server: Served) -> None:
    body = read(server, PORTRAIT).json
    assert {field["name"]: field["text"] for field in body["fields"]} == TRUE
    assert (body["side"], body["size_px"], body["turn_degrees"]) == ("portrait", [1280, 960], 0)
    for quad in (body["card_quad"], body["portrait"]["quad"], body["fields"][0]["quad"]):
        assert len(quad) == 4
        assert all(0 <= x <= 1280 and 0 <= y <= 960 for x, y in quad)
    for field in body["fields"]:
        assert 0.5 < field["confidence"] <= 1
        assert 0.5 < field["quality"] <= 1
        assert (field["logic"], field["problems"]) == (0, [])


def own_answers(server: Served) -> dict[str, Any]:
    """What the routes themselves answer to the same picture."""
    image = in_base64(EMBLEM)
    told = {"transfer_id": "", "ID_card_side": "back", "image": image}
    return {
        "megvii": server.post_parts("/faceid/v3/ocridcard", {"image": EMBLEM}),
        "huawei": server.post_json("/v2/p/ocr/id-card", {"image": image}),
        "waiqin365": server.post_json("/api/ocr/v1/idcard/o/t/d/m", told | {"transfer_id": "t"}),
        "baidu": server.post_form(
            "/rest/2.0/ocr/v1/idcard", {"id_card_side": "back", "image": image}
        ),
        "tempeisite": server.ask("/api/ai/ocr/idcard", EMBLEM, {"Content-Type": "image/jpeg"}),
        "iflytek": server.ask("/v1/service/v1/ocr/idcard", EMBLEM, {"Content-Type": "image/jpeg"}),
        "tencent": server.post_json("/", {"ImageBase64": image}, {"X-TC-Action": "IDCardOCR"}),
    }


PASSING = (
    r'"(request_id|time_used|sid|log_id|RequestId|msg_id|preprocess|recognize)": ?("[^"]*"|\d+)|'
    r'\\"(transfer_id|recognition_id)\\": (\\"[^"]*\\"|\d+)'
)


def test_read_answers_as_every_route_does(server: Served) -> None:
    answers = {told["format"]: told for told in read(server, EMBLEM).json["answers"]}
    own = own_answers(server)
    assert list(answers) == list(FORMATS) == list(own)
    for name, answer in own.items():
        mine, theirs = (
            re.sub(PASSING, "", json.dumps(body)) for body in (answers[name]["body"], answer.json)
        )
        assert mine == theirs
        assert answers[name]["status"] == answer.status


def test_read_with_all_that_can_be_asked_for(server: Served) -> None:
    bodies = {
        told["format"]: told["body"]
        for told in read(server, PORTRAIT, "/read?switches=all").json["answers"]
    }
    assert bodies["megvii"]["portrait"]["result"].startswith("/9j/")
    assert bodies["huawei"]["result"]["verification_result"]["valid_number"] is True
    assert bodies["tempeisite"]["data"]["id_number_image"].startswith("/9j/")
    assert '"risk_type"' in bodies["waiqin365"]["response_data"]
    assert bodies["baidu"]["card_image"].startswith("/9j/")
    assert "WarnInfos" in bodies["tencent"]["Response"]["AdvancedInfo"]


def test_read_of_a_picture_without_a_card_is_an_answer(server: Served) -> None:
    answer = read(server, NO_CARD)
    assert (answer.status, answer.json["side"], answer.json["fields"]) == (200, None, [])
    statuses = {told["format"]: told["status"] for told in answer.json["answers"]}
    assert (statuses["megvii"], statuses["huawei"], statuses["baidu"]) == (400, 400, 200)


def test_read_lets_each_format_refuse_what_its_document_does(server: Served) -> None:
    small = cv2.imdecode(np.frombuffer(PORTRAIT, np.uint8), 1)
    small = cv2.resize(small, (512, 384), interpolation=cv2.INTER_AREA)
    body = read(server, cv2.imencode(".png", small)[1].tobytes()).json
    answers = {told["format"]: told for told in body["answers"]}
    assert body["side"] == "portrait"
    assert answers["megvii"]["body"]["error"] == "INVALID_IMAGE_SIZE: image"
    assert answers["huawei"]["status"] == 200
    large = {t["format"]: t for t in read(server, PORTRAIT + bytes(3 << 20)).json["answers"]}
    assert (large["megvii"]["status"], large["megvii"]["body"]) == (413, "Request Entity Too Large")


@pytest.mark.parametrize(
    ("image", "path", "kind", "status", "error"),
    [
        (b"", "/read", "image/jpeg", 400, "missing_picture"),
        (NO_PICTURE, "/read", "image/jpeg", 400, "unsupported_format"),
        (PORTRAIT, "/read", "text/plain", 415, "content_type"),
        (PORTRAIT, "/read", "multipart/form-data; boundary=e", 415, "content_type"),
        (PORTRAIT, "/read?switches=some", "image/jpeg", 400, "bad_switches"),
        (bytes((20 << 20) + 1), "/read", "image/jpeg", 413, "too_large"),
    ],
)
def test_read_refuses(
    server: Served, image: bytes, path: str, kind: str, status: int, error: str
) -> None:
    answer = server.ask(path, image, {"Content-Type": kind})
    assert (answer.status, answer.json["error"]) == (status, error)
    assert answer.json["message"]


def test_read_of_the_wrong_size_and_method(server: Served) -> None:
    tiny = cv2.imencode(".png", np.zeros((14, 14, 3), np.uint8))[1].tobytes()
    assert read(server, tiny).json["error"] == "image_size"
    assert server.ask("/read", method="GET").status == 404
    # A browser asks before another site's page may post a picture: it is not told yes.
    asked = server.ask("/read", method="OPTIONS", headers={"Origin": "http://elsewhere.example"})
    assert asked.status == 404
    assert "access-control-allow-origin" not in asked.headers


def basic(name: str, secret: str) -> str:
    return "Basic " + in_base64(f"{name}:{secret}".encode())


def test_with_keys_the_page_wants_its_own(keyed: Served) -> None:
    assert keyed.ask("/about.json", method="GET").json["needs_key"] is True
    assert read(keyed, PORTRAIT, Authorization=basic("张三", "密")).json["side"] == "portrait"
    for told in (basic("张三", "s"), basic("k", "s"), "Basic !", "Bearer x", ""):
        answer = read(keyed, PORTRAIT, Authorization=told)
        assert (answer.status, answer.json["error"]) == (401, "unauthorized")


def test_without_keys_of_its_own_the_page_is_off_where_others_have_some(tmp_path: Path) -> None:
    with serving(tmp_path, "--workers", "1", config='[megvii.keys]\nk = "s"') as served:
        for path in ("/", "/about.json", "/openapi", "/static/page.js"):
            assert served.ask(path, method="GET").status == 404
        assert read(served, PORTRAIT).status == 404
        assert list(served.ask("/openapi.json", method="GET").json["paths"]) == [
            "/faceid/v3/ocridcard",
            "/healthz",
            "/metrics",
        ]


# ---- the files --------------------------------------------------------------------------------------


def test_the_pages_files_come_from_here_alone(server: Served) -> None:
    """Each is sent under a policy that forbids the rest."""
    for path, file in FILES.items():
        answer = server.ask(path, method="GET")
        assert (answer.status, answer.body) == (200, (STATIC / file.name).read_bytes())
        assert answer.headers["content-type"].startswith(file.media_type)
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "unsafe" not in answer.headers["content-security-policy"]


def test_tencents_route_is_still_at_the_same_path(server: Served) -> None:
    assert server.ask("/", method="GET").body.startswith(b"<!doctype html>")
    answer = server.post_json("/", {}, {"X-TC-Action": "IDCardOCR"})
    assert answer.json["Response"]["Error"]["Code"] == "FailedOperation.EmptyImageError"


# ---- in a browser -----------------------------------------------------------------------------------

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
DRIVER = shutil.which("chromedriver")
SWITCHES = (
    "--headless=new",
    "--no-sandbox",  # the tests of a container run as root
    "--disable-dev-shm-usage",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
)
in_browser = pytest.mark.skipif(
    not CHROMIUM or not DRIVER, reason="chromium and chromium-driver are not installed"
)


def open_browser(language: str) -> Any:
    webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for switch in SWITCHES:
        options.add_argument(switch)
    options.add_experimental_option("prefs", {"intl.accept_languages": language})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))


class Person:
    """Who uses the page."""

    def __init__(self, driver: Any) -> None:
        self.driver = driver

    def go(self, server: Served, width: int = 1280, height: int = 900) -> None:
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        self.driver.get(server.url + "/")
        self.wait("return document.body.dataset.ready")

    def run(self, script: str, *arguments: Any) -> Any:
        return self.driver.execute_script(script, *arguments)

    def wait(self, script: str) -> Any:
        from selenium.webdriver.support.ui import WebDriverWait

        return WebDriverWait(self.driver, 30).until(lambda driver: driver.execute_script(script))

    def at(self, selector: str) -> Any:
        return self.driver.find_element("css selector", selector)

    def choose(self, path: Path) -> None:
        self.at("#file").send_keys(str(path))

    def has_read(self) -> dict[str, str]:
        """Field -> text, once there are some."""
        self.wait("return document.querySelector('#fields tr')?.checkVisibility()")
        return dict(
            self.run(
                "return [...document.querySelectorAll('#fields tr')].map("
                "(row) => [row.dataset.field, row.querySelector('.value').textContent])"
            )
        )

    def hears(self) -> str:
        """The error that is shown."""
        self.wait("return !document.getElementById('error').hidden")
        return str(self.at("#error-title").text)


@pytest.fixture(scope="module")
def browsers() -> Iterator[dict[str, Any]]:
    opened: dict[str, Any] = {}
    yield opened
    for driver in opened.values():
        driver.quit()


@pytest.fixture
def person(browsers: dict[str, Any], request: pytest.FixtureRequest) -> Iterator[Person]:
    """With an English browser, or one of the language that a test asks for."""
    language = getattr(request, "param", "en")
    driver = browsers.get(language) or browsers.setdefault(language, open_browser(language))
    driver.get_log("browser")  # of the test before
    yield Person(driver)
    driver.execute_script("localStorage.clear()")


@in_browser
def test_the_specimen_is_read_and_outlined(server: Served, person: Person) -> None:
    person.go(server)
    assert person.at("#invitation").is_displayed()
    person.at("#specimen").click()
    assert person.has_read() == TRUE
    assert "Portrait side" in person.at("#verdict").text
    assert not person.at("#invitation").is_displayed()
    assert "8 fields" in person.at("#canvas").get_attribute("aria-label")
    assert person.driver.get_log("browser") == []  # the policy was not broken, nothing was amiss
    # The outline of the card is white, and the table beside it darker than in the picture.
    edge, table = person.run(
        "const canvas = document.getElementById('canvas'), pen = canvas.getContext('2d');"
        "const k = canvas.width / 1280, row = (x, y) => [...pen.getImageData(x, y, 1, 12).data];"
        "return [row(Math.round(640 * k), Math.round(131 * k) - 6), row(4, 4).slice(0, 3)]"
    )
    assert max(edge[::4]) > 240
    assert sum(table) < 300
    entries = person.run("return performance.getEntriesByType('resource').map((e) => e.name)")
    assert entries
    assert all(name.startswith((server.url, "blob:")) for name in entries)


@in_browser
def test_formats_as_tabs_and_side_by_side(server: Served, person: Person) -> None:
    from selenium.webdriver.common.keys import Keys

    person.go(server)
    person.choose(SAMPLES / "emblem.jpg")
    assert person.has_read() == true_texts("emblem")
    person.at("#one").click()
    shown = "return [...document.querySelectorAll('.panel')].filter((p) => p.checkVisibility())"
    shown += ".map((p) => p.dataset.format)"
    assert person.run(shown) == ["megvii"]
    person.at("[role=tab][aria-selected=true]").send_keys(Keys.ARROW_RIGHT)
    assert person.run(shown) == ["huawei"]
    assert person.run("return document.activeElement.textContent") == "Huawei"
    person.at("[role=tab][aria-selected=true]").send_keys(Keys.END)
    assert person.run(shown) == ["tencent"]
    person.at("#beside").click()
    assert person.run(shown) == list(FORMATS)
    assert true_texts("emblem")["issued_by"] in person.at("[data-format=baidu] pre").text


@in_browser
def test_an_answer_is_copied_whole(server: Served, person: Person) -> None:
    person.go(server)
    allowed = ["clipboardReadWrite", "clipboardSanitizedWrite"]
    grant = {"origin": server.url, "permissions": allowed}
    person.driver.execute_cdp_cmd("Browser.grantPermissions", grant)
    person.at("#specimen").click()
    person.has_read()
    person.at("#all").click()
    person.wait("return document.querySelector('[data-format=megvii] .kept')")  # the portrait
    person.at("[data-format=megvii] button").click()
    person.wait(
        "return document.querySelector('[data-format=megvii] button').textContent == 'Copied'"
    )
    copied = json.loads(person.run("return navigator.clipboard.readText()"))
    assert copied["name"]["result"] == TRUE["name"]
    assert len(copied["portrait"]["result"]) > 1000


@in_browser
@pytest.mark.parametrize("person", ["zh-CN"], indirect=True)
def test_the_browsers_language_and_the_switch(server: Served, person: Person) -> None:
    person.go(server)
    assert person.at("#choose").text == "选择文件"
    assert person.run("return document.documentElement.lang") == "zh-CN"
    person.at("#specimen").click()
    assert person.has_read() == TRUE
    assert "人像面" in person.at("#verdict").text
    person.at("[data-language=en]").click()
    assert "Portrait side" in person.at("#verdict").text
    assert person.at("#fields .label").text == "Name"
    person.go(server)  # the choice is remembered
    assert person.at("#choose").text == "Choose a file"


@in_browser
def test_both_languages_have_the_same_words(server: Served, person: Person) -> None:
    person.go(server)
    keys = person.driver.execute_async_script(
        "const done = arguments[0], walk = (told, at = '') => typeof told === 'object' ?"
        " Object.entries(told).flatMap(([k, v]) => walk(v, `${at}.${k}`)) : [`${at} ${typeof told}`];"
        "import('/static/words.js').then(({ WORDS }) => done([walk(WORDS.en), walk(WORDS.zh)]))"
    )
    told = [key for key in keys[1] if not key.startswith(".remarks")]
    assert keys[0] == told
    assert len(told) > 80


@in_browser
def test_errors_say_what_is_wrong(server: Served, person: Person, tmp_path: Path) -> None:
    person.go(server)
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(NO_PICTURE)
    person.choose(broken)
    assert person.hears() == "This file is no picture that can be read."
    person.at("#specimen").click()
    assert person.has_read() == TRUE
    assert not person.at("#error").is_displayed()  # what was wrong is forgotten
    large = tmp_path / "large.jpg"
    large.write_bytes(PORTRAIT + bytes(21 << 20))
    person.choose(large)
    assert person.hears() == "The file is too large."
    assert person.at("#error-hint").text == "This server takes up to 20 MB."


@in_browser
def test_a_picture_that_the_browser_cannot_show_is_read(
    server: Served, person: Person, tmp_path: Path
) -> None:
    person.go(server)
    scan = tmp_path / "scan.tiff"
    bgr = cv2.imread(str(SAMPLES / "portrait.jpg"), cv2.IMREAD_COLOR)
    assert bgr is not None
    cv2.imwrite(str(scan), bgr)
    assert not person.at("#unshown").is_displayed()
    person.choose(scan)
    assert person.has_read() == TRUE
    assert person.at("#unshown").text.startswith("This browser cannot show the picture")
    person.at("#specimen").click()
    person.wait("return document.getElementById('unshown').hidden")


@in_browser
def test_a_picture_without_a_card(server: Served, person: Person) -> None:
    person.go(server)
    person.choose(SAMPLES / "none_page.jpg")
    person.wait("return document.getElementById('verdict').classList.contains('bad')")
    assert "No ID card was found" in person.at("#verdict").text
    assert not person.at("table").is_displayed()
    assert "ID_CARD_NOT_FOUND" in person.run(
        "return document.querySelector('[data-format=megvii] pre').textContent"
    )


@in_browser
@pytest.mark.parametrize("event", ["drop", "paste"])
def test_a_picture_is_dropped_or_pasted(server: Served, person: Person, event: str) -> None:
    person.go(server)
    person.driver.execute_async_script(
        "const done = arguments[1]; fetch('/static/specimen.jpg').then((r) => r.blob()).then((blob) => {"
        "const data = new DataTransfer();"
        "data.items.add(new File([blob], 'card.jpg', { type: 'image/jpeg' }));"
        "const told = { bubbles: true, cancelable: true };"
        "document.body.dispatchEvent(arguments[0] === 'drop'"
        " ? new DragEvent('drop', { dataTransfer: data, ...told })"
        " : new ClipboardEvent('paste', { clipboardData: data, ...told })); done(); })",
        event,
    )
    assert person.has_read() == TRUE


@in_browser
def test_the_camera(server: Served, person: Person) -> None:
    """Chromium's own test picture has no card, which is an answer too."""
    person.go(server)
    person.at("#camera").click()
    person.wait("return document.getElementById('video').videoWidth > 0")
    assert person.at("#viewfinder").is_displayed()
    person.at("#shoot").click()
    person.wait("return document.getElementById('verdict').classList.contains('bad')")
    assert not person.at("#viewfinder").is_displayed()
    assert person.run("return document.getElementById('video').srcObject") is None  # it is off


@in_browser
def test_a_contradiction_is_marked(server: Served, person: Person) -> None:
    person.go(server)
    person.choose(SAMPLES / "wrong_number.jpg")
    person.has_read()
    row = person.at("tr.bad[data-field=id_number]")
    assert row.find_element("css selector", ".sign").text == "!"
    assert row.find_element("css selector", ".remark").text


@in_browser
@pytest.mark.parametrize("width", [320, 390, 768, 1280, 1920])
def test_it_fits_every_window(server: Served, person: Person, width: int) -> None:
    person.go(server, width)
    person.at("#specimen").click()
    person.has_read()
    assert person.run("return document.documentElement.scrollWidth") <= width
    for selector in ("#choose", "#canvas", "#fields", "#panels"):
        left, right = person.run(
            "const box = document.querySelector(arguments[0]).getBoundingClientRect();"
            "return [box.left, box.right]",
            selector,
        )
        assert 0 <= left < right <= width


@in_browser
def test_everything_to_press_has_a_name_and_the_keyboard_reaches_it(
    server: Served, person: Person
) -> None:
    from selenium.webdriver.common.keys import Keys

    person.go(server)
    reached = []
    for _ in range(8):
        person.driver.switch_to.active_element.send_keys(Keys.TAB)
        reached.append(
            person.run("return document.activeElement.id || document.activeElement.lang")
        )
    person.at("#specimen").send_keys(Keys.ENTER)
    person.has_read()
    nameless = person.run(
        "return [...document.querySelectorAll('button, a, input, canvas, [role]')].filter((e) =>"
        " e.checkVisibility() && !(e.textContent.trim() || e.ariaLabel || e.labels?.length ||"
        " e.getAttribute('aria-labelledby') || e.getAttribute('role') === 'status' ||"
        " e.getAttribute('aria-hidden'))).map((e) => e.outerHTML)"
    )
    assert nameless == []
    for name in ("zh-CN", "en", "choose", "camera", "specimen"):
        assert name in reached


@in_browser
def test_the_key_is_asked_for_and_used(keyed: Served, person: Person) -> None:
    person.go(keyed)
    person.wait("return !document.getElementById('keys').hidden")
    person.at("#specimen").click()
    assert person.hears() == "The key was not accepted."
    person.at("#key-name").send_keys("张三")
    person.at("#key-secret").send_keys("密")
    person.at("#keys button").click()
    assert person.has_read() == TRUE
    assert not person.at("#keys").is_displayed()
    stored = person.run("return JSON.stringify([localStorage, sessionStorage, document.cookie])")
    assert stored == '[{},{},""]'


@in_browser
def test_a_server_that_has_gone_is_told(tmp_path: Path, person: Person) -> None:
    with serving(tmp_path, "--workers", "1") as served:
        person.go(served)
    person.choose(SAMPLES / "portrait.jpg")
    assert person.hears() == "The server cannot be reached."


@in_browser
def test_the_page_of_routes(server: Served, person: Person) -> None:
    person.driver.get(server.url + "/openapi")
    person.wait("return document.getElementById('routes').ariaBusy === 'false'")
    text = person.at("main").text
    for path in server.ask("/openapi.json", method="GET").json["paths"]:
        assert path in text
    assert "ID_Photo_Threshold" in text
    assert person.driver.get_log("browser") == []
