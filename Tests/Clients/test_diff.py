"""dbxsim diff: recorded answers against the simulator and against a server behind a URL."""

import json
import subprocess

from conftest import BINARY, ROOT, TOKEN, workspace_client
from test_record_replay import script

QUICKSTART = ROOT / "cassettes/quickstart"


def diff(*arguments):
    done = subprocess.run([str(BINARY), "diff", *map(str, arguments)], capture_output=True, text=True, timeout=120)
    return done.returncode, done.stdout, done.stderr


def test_the_simulator_answers_as_recorded():
    status, out, err = diff("--cassette", QUICKSTART)
    assert (status, out, err) == (0, "10 exchanges played, 10 equal, 0 with differences (0 in all)\n", "")
    # Another seed makes other ids; what refers to them follows.
    assert diff("--cassette", QUICKSTART, "--seed", 12345)[0] == 0


def test_a_recording_against_a_server(start, cassette):
    upstream = start("serve", "--port", 0, "--seed", 1)
    recorder = start("record", "--upstream", upstream.host, "--cassette", cassette, "--port", 0)
    client = workspace_client(recorder)
    script(client)
    made = client.warehouses.create(name="w", cluster_size="2X-Small").result()
    client.warehouses.stop(made.id).result()
    client.tokens.create(comment="c")
    assert recorder.stop() == 0

    other = start("serve", "--port", 0, "--seed", 2)
    status, out, _ = diff("--cassette", cassette, "--against", other.host, "--token", TOKEN)
    assert status == 0, out
    # It is played for real: a second time the schema is there already.
    status, out, _ = diff("--cassette", cassette, "--against", other.host, "--token", TOKEN, "--json")
    assert status == 1
    found = {e["request"]: e for e in json.loads(out)["exchanges"]}
    again = found["POST /api/2.1/unity-catalog/schemas"]
    assert again["differences"][0]["kind"] == "status"
    assert again["place"].startswith(str(cassette))


def test_differences_are_named(start):
    server = start("serve", "--port", 0, "--seed", 1)
    server.control("POST", "faults", {
        "match": {"path": "/api/2.1/unity-catalog/catalogs"}, "inject": {"status": 200, "body": {"catalogs": [{"name": 7}]}}})
    status, out, _ = diff("--cassette", QUICKSTART, "--against", server.host)
    assert status == 1
    assert "type $.catalogs[0].name" in out and "missing $.catalogs[0].owner" in out
    assert f"{QUICKSTART}/cassette.jsonl:" in out
    assert out.splitlines()[-1].startswith("10 exchanges played, 9 equal, 1 with differences")
    assert diff("--cassette", QUICKSTART, "--against", server.host, "--ignore", "$.catalogs")[0] == 1
    fresh = start("serve", "--port", 0, "--seed", 1)
    fresh.control("POST", "faults", {
        "match": {"path": "/api/2.1/unity-catalog/catalogs"}, "inject": {"status": 200, "body": {"catalogs": [{"name": 7}]}}})
    assert diff("--cassette", QUICKSTART, "--against", fresh.host, "--ignore", "$.catalogs")[0] == 0


def test_wrong_use():
    assert diff("--cassette", "/nonexistent")[0] == 1
    status, _, err = diff("--cassette", QUICKSTART, "--against", "ftp://x")
    assert status == 64 and "--against" in err
    assert diff("--cassette", QUICKSTART, "--ignore", "a.b")[0] == 64
