"""A recorder that is killed at any time leaves a cassette that reads, with every exchange whose answer the client had whole."""

import http.client
import json
import os
import random
import subprocess
import threading

from conftest import BINARY, Server
from upstreams import http_upstream

# The full hundred runs on request; a few always.
RUNS = int(os.environ.get("CRASH_RUNS", 5))


def get(handler):
    number = int(handler.path.rpartition("/")[2])
    # Some answers lie in files of their own.
    body = json.dumps({"number": number, "text": "x" * (20_000 if number % 5 == 0 else 50)}).encode()
    handler.answer(body)


def finished(host, run, thread, done):
    """Asks on and on; notes what was answered whole."""
    client = http.client.HTTPConnection(host, timeout=20)
    try:
        for number in range(100_000):
            client.request("GET", f"/api/2.0/run{run}/{thread}/{number}")
            answer = client.getresponse()
            body = answer.read()
            assert answer.status == 200 and json.loads(body)["number"] == number
            done.add(f"/api/2.0/run{run}/{thread}/{number}")
    except (OSError, http.client.HTTPException):
        pass


def test_killed_recorders_lose_nothing_that_was_answered(tmp_path):
    draw = random.Random(20260101)
    cassette = tmp_path / "cassette"
    file = cassette / "cassette.jsonl"
    everything = set()
    with http_upstream(GET=get) as upstream:
        for run in range(RUNS):
            recorder = Server("record", "--upstream", upstream, "--cassette", cassette, "--port", 0, "--mode", "new")
            threads = [
                threading.Thread(target=finished, args=(recorder.host.removeprefix("http://"), run, thread, everything)) for thread in range(2)]
            for thread in threads:
                thread.start()
            # At some number of exchanges, and then at once: wherever the recorder happens to be.
            wanted = len(everything) + draw.randrange(1, 40)
            while len(everything) < wanted:
                assert any(thread.is_alive() for thread in threads)
                os.sched_yield()
            recorder.process.kill()
            recorder.process.communicate()
            for thread in threads:
                thread.join()
            if draw.random() < 0.5:
                # What a crash of the machine leaves: half a line.
                with file.open("ab") as stream:
                    stream.write(b'{"n":99999,"request":{"method":"GET","pa')
        Server("record", "--upstream", upstream, "--cassette", cassette, "--port", 0, "--mode", "new").stop()
    lines = [json.loads(line) for line in file.read_text().splitlines()[1:]]
    assert [line["n"] for line in lines] == list(range(1, len(lines) + 1))
    paths = [line["request"]["path"] for line in lines]
    assert everything <= set(paths) and len(set(paths)) == len(paths)
    # At most the exchanges under way are there as well.
    assert len(paths) - len(everything) <= 2 * RUNS
    check = subprocess.run([str(BINARY), "cassette", "check", str(cassette)], capture_output=True, text=True)
    assert check.returncode == 0, check.stdout + check.stderr


def test_two_recorders_on_one_cassette(start, cassette):
    with http_upstream(GET=get) as upstream:
        recorder = start("record", "--upstream", upstream, "--cassette", cassette, "--port", 0)
        second = subprocess.run(
            [str(BINARY), "record", "--upstream", upstream, "--cassette", str(cassette), "--port", "0", "--mode", "new"],
            capture_output=True, text=True, timeout=20)
        assert second.returncode == 1 and "another recorder" in second.stderr and second.stdout == ""
        assert recorder.request("GET", "/1").status == 200
        assert recorder.stop() == 0
        # Progress is for terminals.
        assert "\r" not in recorder.err and "recorded 1 exchange" not in recorder.err
