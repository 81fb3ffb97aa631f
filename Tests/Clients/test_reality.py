"""Recordings of the real service, replayed: every exchange, byte for byte. They are not part of the repository; REALITY names their folder."""

import http.client
import json
import os
import pathlib

import pytest

from conftest import ROOT, Server

FOLDER = pathlib.Path(os.environ.get("REALITY", ROOT / "../shared/reality")) / "cassettes"
HOP = {"connection", "content-length", "transfer-encoding", "content-encoding", "keep-alive"}


def body_of(part, folder):
    """The bytes that a request or a response holds."""
    if "file" in part:
        return (folder / part["file"]).read_bytes()
    if "text" in part:
        return part["text"].encode()
    return part["raw"] if "raw" in part else None


def exchanges(folder):
    """The exchanges in order; JSON bodies as the bytes that stand in the line."""
    for line in (folder / "cassette.jsonl").read_bytes().splitlines()[1:]:
        exchange = json.loads(line)
        for name in ("request", "response"):
            if "body" in exchange[name]:
                exchange[name]["raw"] = json.dumps(exchange[name]["body"], separators=(",", ":"), ensure_ascii=False).encode()
                assert exchange[name]["raw"] in line
        yield exchange


def rebased(body, hosts, base):
    """With links leading to the replaying server, as replay is to have them."""
    for host in hosts:
        for slash in ("/", "\\/"):
            body = body.replace(f"https:{slash}{slash}{host}".encode(), f"{base}/_dbxsim/links/https/{host}".encode())
    return body.replace(b"https://REDACTED", base.encode()).replace(b"https:\\/\\/REDACTED", base.encode())


pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason=f"{FOLDER} is not there")


def folders():
    found = sorted(p.parent for p in FOLDER.glob("*/cassette.jsonl"))
    assert found
    return found


def send(connection, exchange, folder):
    """Sends a recorded request; what was sent, the answer, and its body."""
    request = exchange["request"]
    prefix = f"/_dbxsim/links/https/{request['host']}" if "host" in request else ""
    target = prefix + request["path"] + ("?" + request["query"] if request.get("query") else "")
    connection.request(request["method"], target, body_of(request, folder), {"Authorization": "Bearer x"})
    answer = connection.getresponse()
    return f"{folder.name}:{exchange['n'] + 1} {request['method']} {target}", answer, answer.read()


def test_none_is_missed_with_polls_collapsed():
    """All recordings behind each other, as one."""
    server = Server("replay", "--cassette", *folders(), "--port", 0)
    connection = http.client.HTTPConnection(server.host.removeprefix("http://"))
    for folder in folders():
        for exchange in exchanges(folder):
            where, answer, body = send(connection, exchange, folder)
            assert b"CASSETTE_MISS" not in body, (where, body[:500])
    connection.close()
    assert server.stop() == 0, server.err


def test_recordings_of_the_real_service_replay():
    count = 0
    for folder in folders():
        server = Server("replay", "--cassette", folder, "--port", 0, "--polls", "recorded")
        recorded = list(exchanges(folder))
        hosts = {e["request"]["host"] for e in recorded if "host" in e["request"]}
        connection = http.client.HTTPConnection(server.host.removeprefix("http://"))
        for exchange in recorded:
            request, response = exchange["request"], exchange["response"]
            where, answer, body = send(connection, exchange, folder)
            assert answer.status == response["status"], (where, body[:500])
            recorded_body = body_of(response, folder) or b""
            if request["method"] != "HEAD":
                other = "host" in request and "/.well-known/" not in request["path"]
                assert body == (recorded_body if other else rebased(recorded_body, hosts, server.host)), where
            given = {name.lower(): value for name, value in answer.getheaders()}
            for name, value in response.get("headers", {}).items():
                if name.lower() not in HOP:
                    if name.lower() in ("location", "content-location", "link"):
                        value = rebased(value.encode(), hosts, server.host).decode()
                    assert given[name.lower()] == value, (where, name)
            count += 1
        connection.close()
        assert server.stop() == 0, server.err
    print(f"{count} exchanges of {len(folders())} recordings")
