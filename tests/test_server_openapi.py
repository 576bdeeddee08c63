"""The OpenAPI description: whole, true of real answers, and kept by whatever schemathesis sends."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from server_process import EMBLEM, NO_CARD, PORTRAIT, Answer, Served, in_base64, serving

from idocr.server.app import make_app
from idocr.server.faces import FACES
from idocr.server.openapi import describe
from idocr.server.settings import Settings

CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,"
CHECKS += "response_schema_conformance"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("openapi"), "--workers", "1") as served:
        yield served


def described() -> dict[str, Any]:
    return describe([face(Settings()) for face in FACES], "1")


def inside(value: Any) -> Iterator[Any]:
    yield value
    children = value.values() if isinstance(value, dict) else value
    if isinstance(value, dict | list):
        for child in children:
            yield from inside(child)


def test_every_route_is_in_it_and_every_reference_leads_somewhere(server: Served) -> None:
    told = described()
    routes = {route.path for route in make_app(Settings(), None).routes}  # type: ignore[arg-type, attr-defined]
    paths = {path for path in routes if "/static/" not in path}
    assert paths - set(told["paths"]) == {"/openapi", "/openapi.json", "/about.json"}
    known = {f"#/components/schemas/{name}" for name in told["components"]["schemas"]}
    references = {
        part["$ref"] for part in inside(told) if isinstance(part, dict) and "$ref" in part
    }
    assert references == known
    served = server.ask("/openapi.json", method="GET").json
    assert served["paths"] == json.loads(json.dumps(told["paths"]))


def real_answers(server: Served) -> dict[str, list[Answer]]:
    image, page = in_base64(PORTRAIT), in_base64(NO_CARD)
    megvii, huawei, baidu = "/faceid/v3/ocridcard", "/v2/p/ocr/id-card", "/rest/2.0/ocr/v1/idcard"
    waiqin365, action = "/api/ocr/v1/idcard/o/t/d/m", {"X-TC-Action": "IDCardOCR"}
    told = {"transfer_id": "t", "ID_card_side": "front", "image": image}
    flags = dict.fromkeys(described_flags(), True)
    jpeg = {"Content-Type": "image/jpeg"}
    return {
        megvii: [
            server.post_parts(megvii, {"image": PORTRAIT, "return_portrait": "1"}),
            server.post_parts(megvii, {"image": EMBLEM}),
            server.post_parts(megvii, {"image": NO_CARD}),
            server.post_parts(megvii, {}),
        ],
        "/v2/{project_id}/ocr/id-card": [
            server.post_json(huawei, {"image": image, **flags}),
            server.post_json(huawei, {"image": in_base64(EMBLEM), "side": "double_side"}),
            server.post_json(huawei, {"image": page}),
        ],
        "/api/ocr/v1/idcard/{openid}/{timestamp}/{digest}/{msg_id}": [
            server.post_json(waiqin365, told | {"risk_detection": "true"}),
            server.post_json(waiqin365, told | {"image": page}),
        ],
        baidu: [
            server.post_form(
                baidu, {"id_card_side": "front", "image": image, "detect_card": "true"}
            ),
            server.post_form(baidu, {"id_card_side": "front"}),
        ],
        "/api/ai/ocr/idcard": [
            server.ask("/api/ai/ocr/idcard?head_portrait=1", PORTRAIT, jpeg),
            server.ask("/api/ai/ocr/idcard", NO_CARD, jpeg),
        ],
        "/": [
            server.post_json("/", {"ImageBase64": image}, action),
            server.post_json("/", {"ImageBase64": page}, action),
        ],
        "/read": [
            server.ask("/read?switches=all", PORTRAIT, jpeg),
            server.ask("/read", NO_CARD, jpeg),
            server.ask("/read", b"", jpeg),
        ],
        "/v3/auth/tokens": [server.post_json("/v3/auth/tokens", {})],
    }


def described_flags() -> list[str]:
    body = described()["paths"]["/v2/{project_id}/ocr/id-card"]["post"]["requestBody"]
    properties = body["content"]["application/json"]["schema"]["properties"]
    return [name for name, schema in properties.items() if schema == {"type": "boolean"}]


def test_real_answers_are_as_described(server: Served) -> None:
    validators = pytest.importorskip("jsonschema_rs", reason="schemathesis is not installed")
    told = described()
    assert len(described_flags()) == 13
    for path, answers in real_answers(server).items():
        responses = told["paths"][path]["post"]["responses"]
        for answer in answers:
            content = responses[str(answer.status)]["content"]["application/json"]
            schema = {**content["schema"], "components": told["components"]}
            validators.validator_for(schema).validate(answer.json)


def test_schemathesis_finds_no_failure(server: Served, tmp_path: Path) -> None:
    pytest.importorskip("schemathesis", reason="schemathesis is not installed")
    command = [sys.executable, "-m", "schemathesis.cli", "run", server.url + "/openapi.json"]
    command += ["--checks", CHECKS, "--max-examples", "10", "--seed", "1"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-1000:]
    assert " passed" in done.stdout
    assert server.ask("/healthz", method="GET").status == 200
    assert "Traceback" not in server.log
