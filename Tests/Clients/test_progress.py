"""What a person at a terminal sees while work goes on: one line, which is gone at the end."""

import http.client
import json
import os
import subprocess
import threading

from conftest import BINARY
from upstreams import http_upstream

WIPED = "\r\x1b[K"


def terminal(arguments, react=lambda process, shown: None):
    """Runs the program with a terminal as its standard error. `react` is told after each piece what has been shown. Gives status, output, and what the
    terminal got."""
    leader, follower = os.openpty()
    process = subprocess.Popen([str(BINARY), *map(str, arguments)], stdout=subprocess.PIPE, stderr=follower, text=True)
    os.close(follower)
    guard = threading.Timer(60, process.kill)
    guard.start()
    shown = ""
    while True:
        react(process, shown)
        try:
            part = os.read(leader, 4096)
        except OSError:
            break
        if not part:
            break
        shown += part.decode()
    os.close(leader)
    guard.cancel()
    out, _ = process.communicate(timeout=20)
    return process.returncode, out, shown


def line(n, body):
    return json.dumps({"n": n, "request": {"method": "GET", "path": f"/api/2.0/x/{n}"}, "response": {"status": 200, "body": body}})


def write(folder, count):
    folder.mkdir(parents=True)
    (folder / "cassette.jsonl").write_text(
        "\n".join(['{"cassette":1,"match":["method","path","query","body"]}'] + [line(n, {"n": n}) for n in range(1, count + 1)]) + "\n")
    return folder


def test_recording(cassette):
    def get(handler):
        if handler.path == "/1":
            return handler.answer(b"{}")
        handler.close_connection = True

    with http_upstream(GET=get) as upstream:
        asked = []

        def react(process, shown):
            if not asked:
                asked.append(process.stdout.readline().strip().rpartition("http://")[2])
                for path, status in [("/1", 200), ("/2", 502)]:
                    client = http.client.HTTPConnection(asked[0], timeout=20)
                    client.request("GET", path)
                    assert client.getresponse().status == status
            elif shown.endswith("recorded 1 exchange, 1 failed"):
                process.terminate()

        status, _, shown = terminal(["record", "--upstream", upstream, "--cassette", cassette, "--port", 0], react)
    assert status == 0
    assert WIPED + "recorded 1 exchange, 1 failed" in shown and shown.endswith(WIPED)


def test_comparing(tmp_path):
    """Reading, then playing; the report itself goes to standard output."""
    folder = write(tmp_path / "c", 3)
    status, out, shown = terminal(["diff", "--cassette", folder])
    assert status == 1 and out.splitlines()[-1].startswith("3 exchanges played, 0 equal, 3 with differences")
    assert f"{WIPED}reading {folder}" in shown and f"{WIPED}0 of 3 exchanges" in shown
    assert shown.endswith(WIPED)
    # Elsewhere nothing of that appears.
    plain = subprocess.run([str(BINARY), "diff", "--cassette", str(folder)], capture_output=True, text=True, timeout=60)
    assert (plain.stdout, plain.stderr) == (out, "")


def test_loading(tmp_path):
    folders = [write(tmp_path / "a", 2), write(tmp_path / "b", 2)]

    def react(process, shown):
        if shown.endswith(WIPED) and shown.count("reading") == 2:
            assert "listening on" in process.stdout.readline()
            process.terminate()

    status, _, shown = terminal(["replay", "--cassette", *folders, "--port", 0], react)
    assert status == 0
    assert [part.split(WIPED)[0] for part in shown.split("reading ")[1:]] == [str(folder) for folder in folders]
    # A cassette that cannot be read is named on a line of its own.
    (folders[1] / "cassette.jsonl").write_text('{"cassette":9}\n')
    status, _, shown = terminal(["replay", "--cassette", *folders, "--port", 0])
    error = shown.split(WIPED)[-1]
    assert status == 1 and f"{folders[1]}/cassette.jsonl:1: cassette version 9" in error and "reading" not in error
