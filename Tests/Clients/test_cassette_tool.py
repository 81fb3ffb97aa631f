"""`dbxsim cassette …` as a person uses it: output, files, exit statuses."""

import base64
import hashlib
import json
import subprocess

import pytest

from conftest import BINARY, ROOT

HEX = "0123456789abcdef0123456789abcdef"
JWT = "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJtZSIsImV4cCI6MTczNTY4OTYwMH0.c2lnbmF0dXJlLXNpZ25hdHVyZQ"
HEADER = '{"cassette":1,"match":["method","path","query","body"],"ignore":{}}'


def run(*arguments, status=0):
    done = subprocess.run([str(BINARY), "cassette", *map(str, arguments)], capture_output=True, text=True, timeout=60)
    assert done.returncode == status, (done.returncode, done.stdout, done.stderr)
    return done


def line(n, method="GET", path="/api/2.0/x", answer=None, body=None, query=None, headers=None):
    request = {"method": method, "path": path}
    if query is not None:
        request["query"] = query
    if body is not None:
        request["text" if isinstance(body, str) else "body"] = body
    response = {"status": 200}
    if headers:
        response["headers"] = headers
    if answer is not None:
        response["text" if isinstance(answer, str) else "body"] = answer
    return json.dumps({"n": n, "request": request, "response": response}, separators=(",", ":"), ensure_ascii=False)


def write(folder, *lines):
    folder.mkdir(parents=True)
    (folder / "cassette.jsonl").write_text("\n".join([HEADER, *lines]) + "\n")
    return folder


# What a cassette may hold that was written by hand, or by a tool that does not redact; one secret each.
PLANTED = {
    "personal access token": {"answer": {"comment": f"dapi{HEX}"}},
    "replaced personal access token": {"answer": f"use dapi{HEX}-3"},
    "OAuth secret": {"answer": {"secret": f"dose{HEX}"}},
    "token_value": {"answer": {"token_value": "opaque"}},
    "access token": {"answer": {"access_token": JWT}},
    "refresh token": {"answer": {"refresh_token": "r1"}},
    "JWT in a text": {"answer": f"see {JWT}"},
    "client secret in a form": {"method": "POST", "body": "grant_type=client_credentials&client_secret=very+secret"},
    "authorization code": {"method": "POST", "path": "/oidc/v1/token", "body": "grant_type=authorization_code&code=abc"},
    "PKCE verifier": {"method": "POST", "path": "/oidc/v1/token", "body": "code_verifier=abcdef"},
    "client assertion": {"method": "POST", "path": "/oidc/v1/token", "body": "client_assertion=abc"},
    "subject token": {"method": "POST", "path": "/oidc/v1/token", "body": "subject_token=abc"},
    "password": {"method": "POST", "body": {"options": {"password": "p"}}},
    "password in SQL": {"method": "POST", "body": {"statement": "CREATE CONNECTION c TYPE mysql OPTIONS (password 'pw')"}},
    "password in a JDBC URL": {"answer": {"u": "jdbc:databricks://h:443;UID=token;PWD=pw"}},
    "user info": {"answer": {"u": "https://me:pw@git.example.com/x"}},
    "activation link": {"answer": {"activation_url": "https://h/delta_sharing/retrieve_config.html?nonce"}},
    "activation path": {"path": "/api/2.1/unity-catalog/public/data_sharing_activation/nonce"},
    "profile": {"answer": {"shareCredentialsVersion": 1, "bearerToken": "b"}},
    "cookie": {"headers": {"set-cookie": "s=1"}},
    "session header": {"headers": {"x-session-id": "s1"}},
    "redirect with a code": {"path": "/oidc/v1/authorize", "headers": {"location": "http://localhost/?code=abc&state=1"}},
    "AWS signature": {"answer": {"u": "https://b/k?X-Amz-Signature=5d672d79c15b1316"}},
    "AWS security token": {"query": "X-Amz-Security-Token=FwoGZXIvYXdzEJr"},
    "AWS access key": {"answer": "AKIAIOSFODNN7EXAMPLE"},
    "AWS vended": {"answer": {"aws_temp_credentials": {"secret_access_key": "s"}}},
    "AWS session token": {"answer": {"aws_temp_credentials": {"session_token": "s"}}},
    "Azure signature": {"answer": {"u": "https://a.blob.core.windows.net/c?sv=1&sig=Zm9vYmFyYmF6"}},
    "Azure SAS": {"answer": {"azure_user_delegation_sas": {"sas_token": "s"}}},
    "Azure AD": {"answer": {"azure_aad": {"aad_token": "a"}}},
    "Google signature": {"answer": {"u": "https://storage.googleapis.com/b?X-Goog-Signature=0a1b2c3d4e5f"}},
    "Google token": {"answer": {"gcp_oauth_token": {"oauth_token": "g"}}},
    "R2": {"answer": {"r2_temp_credentials": {"secret_access_key": "s"}}},
    "escaped signature": {"answer": '{"u":"https:\\/\\/b\\/k?a=1\\u0026X-Amz-Signature\\u003d5d672d79c15b1316"} '},
    "NDJSON": {"answer": '{"a":1}\n{"file":{"url":"https://b/k?X-Amz-Signature=aaaa672d79c15b13"}}\n'},
    "secret scope put": {"method": "POST", "path": "/api/2.0/secrets/put", "body": {"scope": "s", "key": "k", "string_value": "v"}},
    "secret scope get": {"path": "/api/2.0/secrets/get", "answer": {"key": "k", "value": "dg=="}},
    "git token": {"method": "POST", "body": {"git_provider": "gitHub", "personal_access_token": "g"}},
    "GitHub token": {"answer": "ghp_0123456789abcdefABCDEF0123456789abcd"},
    "storage credential": {"method": "POST", "body": {"azure_service_principal": {"client_secret": "c"}}},
    "private key": {"answer": "-----BEGIN PRIVATE KEY-----\nMIIEvQ\n-----END PRIVATE KEY-----\n"},
    "connection's secrets": {"method": "POST", "body": {"secrets": {"x": "y1"}}},
    "Spark setting": {"body": {"spark_conf": {"fs.azure.account.key.a.dfs.core.windows.net": "k"}}, "method": "POST"},
    "environment": {"method": "POST", "body": {"spark_env_vars": {"A": "value-of-a"}}},
    "app environment": {"method": "POST", "body": {"env_vars": [{"name": "A", "value": "value-of-a"}]}},
    "docker": {"method": "POST", "body": {"docker_image": {"basic_auth": {"username": "u", "password": "p"}}}},
    "Slack webhook": {"answer": {"config": {"slack": {"url": "https://hooks.slack.com/services/T0/B0/abc"}}}},
    "PagerDuty": {"answer": {"config": {"pagerduty": {"integration_key": "i"}}}},
    "Teams": {"answer": {"config": {"microsoft_teams": {"url": "https://x.webhook.office.com/webhookb2/abc"}}}},
    "generic webhook": {"answer": {"config": {"generic_webhook": {"url": "https://h/secret", "username": "u"}}}},
    "model provider": {"method": "POST", "body": {"openai_config": {"openai_api_key_plaintext": "p"}}},
    "JSON in a string": {"answer": {"raw": '{"password":"p"}'}},
    "base64 of a token": {"answer": {"content": base64.b64encode(f"dapi{HEX}".encode() + b"\n" * 3).decode()}},
    "token in a query": {"query": "token=abc"},
    "webhook authorization": {"answer": {"http_url_spec": {"authorization": "Bearer xyz"}}},
}


def test_check_finds_planted_secrets(tmp_path):
    assert len(PLANTED) >= 40
    lines = [line(n, **parts) for n, parts in enumerate(PLANTED.values(), 1)]
    folder = write(tmp_path / "planted", *lines)
    findings = [json.loads(row) for row in run("check", "--json", folder, status=1).stdout.splitlines()]
    leaking = {f["line"] for f in findings if f["severity"] == "error" and "holds a secret" in f["message"]}
    missed = [name for n, name in enumerate(PLANTED, 2) if n not in leaking]
    assert not missed
    # Redacting in place mends all of them.
    run("redact", folder)
    run("check", folder)
    assert HEX not in (folder / "cassette.jsonl").read_text()


def test_shipped_cassettes_are_clean():
    done = run("check", ROOT / "cassettes/quickstart")
    assert "error" not in done.stdout and "warning" not in done.stdout


def test_list_and_show(tmp_path):
    thrift = b"\x80\x01\x00\x01\x00\x00\x00\x0bOpenSession\x00\x00\x00\x00"

    name = hashlib.sha256(thrift).hexdigest()
    folder = write(
        tmp_path / "all" / "one", line(1, answer={"a": [1, {"b": "é"}]}, query="x=1"),
        json.dumps({"n": 2, "request": {"method": "POST", "path": "/sql", "file": f"bodies/{name}"}, "response": {"status": 503, "text": "no"}, "ms": 12}))
    (folder / "bodies").mkdir()
    (folder / "bodies" / name).write_bytes(thrift)
    assert run("list", folder).stdout == (
        "n  status  method  bytes  ms  operation  target\n"
        "1     200  GET        20   -  -          /api/2.0/x?x=1\n"
        "2     503  POST        2  12  -          /sql\n")
    assert [json.loads(row)["status"] for row in run("list", "--json", folder).stdout.splitlines()] == [200, 503]
    assert run("list", tmp_path / "all").stdout.splitlines()[1].split() == ["2", "-", str(folder)]
    shown = run("show", folder, 2).stdout
    assert shown.startswith("#2 12 ms\nPOST /sql\n\n(Thrift call OpenSession, 23 bytes, SHA-256 ") and "HTTP 503\n\nno\n" in shown
    assert subprocess.run([BINARY, "cassette", "show", folder, "2", "--body", "request"], capture_output=True).stdout == thrift
    assert json.loads(run("show", "--json", folder, 1).stdout)["response"]["body"] == {"a": [1, {"b": "é"}]}
    assert "there is no exchange 7; it holds 2" in run("show", folder, 7, status=1).stderr
    assert "holds no cassette" in run("list", tmp_path / "none", status=1).stderr


def test_check_reports_and_exits(tmp_path):
    folder = write(tmp_path / "c", line(1, answer={"a": 1}), line(3, answer={"a": 1}))
    (folder / "bodies").mkdir()
    (folder / "bodies" / "stray").write_text("x")
    assert run("check", folder, status=1).stdout.splitlines() == [
        f"{folder}/cassette.jsonl:3: warning: 'n' is 3, expected 2",
        f"{folder}/bodies/stray: warning: no exchange uses this file",
        f"{folder}/cassette.jsonl:3: note: repeats the answer before it; it is only given with --polls recorded",
        f"{folder}/cassette.jsonl: note: 'dbxsim cassette fmt' would change this file",
    ]
    (folder / "bodies" / "stray").unlink()
    run("fmt", "--check", folder, status=1)
    run("fmt", folder)
    run("fmt", "--check", folder)
    assert json.loads((folder / "cassette.jsonl").read_text().splitlines()[2])["n"] == 2
    # Notes alone pass, unless they are not to.
    run("check", folder)
    run("check", "--strict", folder, status=1)
    # One that cannot be read does not hide what is in the next one.
    bad = write(tmp_path / "bad", "{")
    other = write(tmp_path / "other", line(1, answer={"token_value": "x"}))
    rows = run("check", bad, other, status=1).stdout.splitlines()
    assert rows[0].startswith(f"{bad}/cassette.jsonl:2: error: ") and "token_value" in rows[1]


def test_merge_and_redact(tmp_path):
    one = write(tmp_path / "one", line(1, answer={"token_value": "REDACTED_TOKEN_1", "owner": "me@example.com"}))
    two = write(tmp_path / "two", line(1, path="/api/2.0/y", answer={"token_value": "REDACTED_TOKEN_1"}))
    merged = tmp_path / "merged"
    assert "2 exchanges" in run("merge", one, two, "--output", merged).stderr
    bodies = [json.loads(row)["response"]["body"] for row in (merged / "cassette.jsonl").read_text().splitlines()[1:]]
    assert [b["token_value"] for b in bodies] == ["REDACTED_TOKEN_1", "REDACTED_TOKEN_2"]
    assert "is there already" in run("merge", one, "--output", merged, status=1).stderr
    rules = tmp_path / "rules"
    rules.write_text("field owner\n")
    run("redact", "--redact", rules, merged, "--output", tmp_path / "clean")
    assert "REDACTED_NAMED_1" in (tmp_path / "clean/cassette.jsonl").read_text()
    assert "me@example.com" in (merged / "cassette.jsonl").read_text()
    rules.write_text("filed owner\n")
    assert run("redact", "--redact", rules, merged, status=1).stderr == (
        f"dbxsim: {rules}:1: unknown rule 'filed': expected field, path, query, header, text or prefix\n")
    run("merge", one, status=64)


@pytest.mark.parametrize("command", ["list", "show", "check", "fmt", "redact"])
def test_unreadable(tmp_path, command):
    done = run(command, tmp_path / "none", status=1)
    assert "none" in done.stderr + done.stdout


def har(*entries):
    return json.dumps({"log": {"version": "1.2", "creator": {"name": "t", "version": "1"}, "entries": list(entries)}})


def har_entry(path, answer, method="GET", status=200):
    return {
        "startedDateTime": "2026-01-01T00:00:00Z", "time": 3,
        "request": {"method": method, "url": "https://w.cloud.databricks.com" + path, "headers": [{"name": "Authorization", "value": "Bearer opaque-1"}]},
        "response": {"status": status, "headers": [{"name": "Content-Type", "value": "application/json"}],
                     "content": {"size": 1, "mimeType": "application/json", "text": answer}}}


def test_import_and_export(tmp_path, start):
    file = tmp_path / "x.har"
    file.write_text(har(
        har_entry("/api/2.0/preview/scim/v2/Me", '{"userName":"me","echo":"opaque-1","host":"https://w.cloud.databricks.com/x"}'),
        har_entry("/api/2.0/sql/warehouses/abc", '{"id":"abc","token_value":"planted"}')))
    one = tmp_path / "one"
    assert "2 exchanges" in run("import", file, "--output", one).stderr
    text = (one / "cassette.jsonl").read_text()
    assert "opaque-1" not in text and "planted" not in text and "w.cloud" not in text
    assert [json.loads(row)["operation"] for row in text.splitlines()[1:]] == ["iam.current_user.me", "sql.warehouses.get"]
    run("check", one)

    exported = json.loads(run("export", one, "--format", "har").stdout)
    assert exported["log"]["version"] == "1.2" and len(exported["log"]["entries"]) == 2
    again = tmp_path / "again.har"
    run("export", one, "--format", "har", "--output", again)
    run("import", again, "--output", tmp_path / "two")
    assert (tmp_path / "two/cassette.jsonl").read_text() == text

    replayer = start("replay", "--cassette", one, "--port", 0)
    answer = replayer.request("GET", "/api/2.0/preview/scim/v2/Me", token="any")
    assert answer.status == 200 and answer.json["userName"] == "me"
    assert replayer.stop() == 0


def test_import_of_wiremock(tmp_path):
    root = tmp_path / "wiremock"
    (root / "mappings").mkdir(parents=True)
    (root / "__files").mkdir()
    (root / "__files/a.json").write_text('{"a":1}')
    (root / "mappings/a.json").write_text('{"request":{"method":"GET","url":"/a"},"response":{"status":200,"bodyFileName":"a.json"}}')
    bad = root / "mappings/b.json"
    bad.write_text('{"mappings":[{"request":{"method":"GET","urlPattern":"/b.*"},"response":{"status":200}}]}')
    refused = run("import", root, "--output", tmp_path / "c", status=1)
    assert f"error: {bad}: $.mappings[0].request.urlPattern: the regular expression '/b.*'" in refused.stderr
    assert not (tmp_path / "c").exists()
    skipped = run("import", root, "--output", tmp_path / "c", "--skip-unsupported")
    assert f"skipped: {bad}: " in skipped.stderr and "1 exchange\n" in skipped.stderr
    assert json.loads((tmp_path / "c/cassette.jsonl").read_text().splitlines()[1])["response"]["body"] == {"a": 1}


def test_import_of_vcr(tmp_path):
    file = tmp_path / "v.yaml"
    file.write_text(
        "interactions:\n- request: {method: GET, uri: 'https://h/api/2.0/x', body: null, headers: {}}\n"
        "  response:\n    body: {string: !!binary AAEC}\n    headers: {}\n    status: {code: 200, message: OK}\nversion: 1\n")
    run("import", file, "--output", tmp_path / "c")
    assert subprocess.run([BINARY, "cassette", "show", tmp_path / "c", "1", "--body", "response"], capture_output=True).stdout == b"\0\1\2"
    other = tmp_path / "notes.txt"
    other.write_text("hello")
    assert "name it with --format" in run("import", other, "--output", tmp_path / "d", status=1).stderr
    other.write_text("interactions: [")
    assert f"{other}:2: not YAML" in run("import", other, "--format", "vcr", "--output", tmp_path / "d", status=1).stderr
