"""Texts without escapes are searched as a whole, others string by string: both must find the same."""

import base64
import json
import random
import subprocess

from conftest import BINARY

HEADER = {"cassette": 1, "match": ["method", "path", "query", "body"]}
TOKEN = "dapi" + "0123456789abcdef" * 2
JWT = ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in (b'{"alg":"RS256"}', b'{"sub":"somebody"}', b"signature" * 4))
NAMES = ["token", "password", "client_secret", "name", "comment", "value", "key", "statement", "id", "headers", "a_rather_long_name_of_a_member",
         "x" * 20 + TOKEN]
TEXTS = ["main", "", "2026-01-01T00:00:00Z", "hunter2hunter2", TOKEN, JWT, "Bearer " + TOKEN, "see " + TOKEN + ".", "password=hunter2hunter2",
         "OPTIONS (password 's3cretpassword')", "https://a.example.com/f?X-Amz-Signature=0123456789abcdef&x=1", "https://user:s3cretpass@h/x",
         base64.b64encode(TOKEN.encode() + b"1234").decode(), "[1, 2", "AKIAABCDEFGHIJKLMNOP", "A" * 60, "é" * 30, "ghp_" + "a1" * 18]


def document(draw, depth=0):
    kind = draw.random()
    if depth > 3 or kind < 0.5:
        return draw.choice(TEXTS)
    if kind < 0.6:
        return draw.choice([1, True, None, 123456789012])
    if kind < 0.75:
        return [document(draw, depth + 1) for _ in range(draw.randrange(4))]
    return {name: document(draw, depth + 1) for name in draw.sample(NAMES, draw.randrange(4))}


def redacted(folder, bodies):
    """What is known from one body is known in the next ones."""
    folder.mkdir()
    lines = [HEADER] + [
        {"n": n, "request": {"method": "GET", "path": f"/{n}"}, "response": {"status": 200, "body": body}} for n, body in enumerate(bodies, 1)]
    text = "".join(json.dumps(line, separators=(",", ":"), ensure_ascii=False) + "\n" for line in lines)
    (folder / "cassette.jsonl").write_text(text)
    subprocess.run([str(BINARY), "cassette", "redact", str(folder)], check=True, capture_output=True)
    result = (folder / "cassette.jsonl").read_text()
    assert TOKEN not in result and JWT not in result and "hunter2" not in result.replace('"hunter2hunter2"', "")
    return [json.loads(line)["response"]["body"] for line in result.splitlines()[1:]]


def test_texts_with_and_without_escapes_are_redacted_alike(tmp_path):
    draw = random.Random(20260302)
    bodies = [{"body": document(draw)} for _ in range(600)]
    plain = redacted(tmp_path / "plain", bodies)
    escaped = redacted(tmp_path / "escaped", [body | {"escape": "\\"} for body in bodies])
    assert [body | {"escape": "\\"} for body in plain] == escaped
    assert sum(a != b for a, b in zip(plain, bodies)) > 100
