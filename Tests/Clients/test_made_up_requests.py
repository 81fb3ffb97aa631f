"""Requests made up from the published contract, right and wrong, to every operation: no answer of 500 or above, and those that are accepted are answered as
the contract has it (`answers.py` looks at each)."""

import http.client
import json
import random
import re
import urllib.parse

from conftest import FUZZ_REQUESTS, FUZZ_SEED, TOKEN, Server
from published import Published

TEXTS = ["x", "main", "main.default", "admin@example.com", "1", "default", "/Shared/x", "2026-01-01T00:00:00Z", "5s", "eA==", "SELECT 1", "users"]
WRONG = [7, 1.5, True, None, [], {}, ["x"], {"a": "b"}, "x", "", [[1]], {"": None}, -1, 10 ** 30, "y" * 3000]
ROUNDS = max(1, FUZZ_REQUESTS // 200)


class Maker:
    def __init__(self, draw):
        self.draw, self.published, self.known = draw, Published(), {}
        self.about, self.required = "", set()

    def learn(self, value, name="", depth=0):
        """Keeps what answers name, so that later requests get to objects that exist."""
        if isinstance(value, dict) and depth < 4:
            for key, inner in list(value.items())[:40]:
                self.learn(inner, key, depth + 1)
        elif isinstance(value, list) and depth < 4:
            for inner in value[:5]:
                self.learn(inner, name, depth + 1)
        elif isinstance(value, (str, int)) and not isinstance(value, bool) and value != "" and len(str(value)) < 300:
            for key in (name, (self.about, name)):
                values = self.known.setdefault(key, [])
                if value not in values:
                    values.append(value)
                    del values[:-12]

    def leaf(self, names, type_):
        draw = self.draw
        if type_ in self.published.enums:
            return draw.choice(self.published.enums[type_] or ["X"])
        name = names[-1] if names else ""
        if draw.random() < self.share_left_out and not (len(names) == 1 and name in self.required):
            return None
        if draw.random() < self.share_wrong:
            return draw.choice(WRONG)
        known = self.known.get((self.about, name)) or self.known.get(name)
        if draw.random() < 0.7 and known:
            value = draw.choice(known)
            if isinstance(value, str) == (type_ in "sytdma"):
                return value
        return {"i": draw.choice([0, 1, 5]), "f": 1.5, "b": draw.random() < 0.5, "t": "2026-01-01T00:00:00Z", "d": "5s", "m": "name"}.get(
            type_, draw.choice(TEXTS))

    def request(self, verb, path, query, body):
        self.share_left_out = self.draw.choice([0.1, 0.5, 0.8])
        self.share_wrong = self.draw.choice([0, 0, 0.1, 0.4])
        # What the path is about: the resource's name in the plural.
        self.about = next((part for part in reversed(re.sub(r"\{[^}]*\}", "", path).split("/")) if part.endswith("s")), "")
        self.required = self.published.required.get((verb, path), set())

        def segment(match):
            name = match[1]
            names = [(self.about, name), (self.about, "full_name" if "name" in name else "id"), (self.about, "name"), name, "name" if "name" in name else "id"]
            known = next((self.known[key] for key in names if self.known.get(key)), TEXTS)
            return urllib.parse.quote(str(self.draw.choice(known if self.draw.random() < 0.9 else TEXTS)), safe="")

        if "{" in path:
            path = re.sub(r"/\{(\w+)\}", lambda m: "/" + segment(m), path)
            path = re.sub(r"\{(\w+)\}", "/Volumes/main/default/files/a", path)
        data = None
        if isinstance(body, dict):
            data = self.published.fields(body, self.leaf)
            if self.draw.random() < 0.1 and data:
                data[self.draw.choice(list(data))] = self.draw.choice(WRONG)
        elif body == "*":
            data = "some text"
        elif body:
            data = self.published.value(body, self.leaf)
        if isinstance(data, dict) and "wait_timeout" in data:
            data["wait_timeout"] = "0s"
        parameters = {name: self.leaf((name,), type_) for name, type_ in query.items() if self.draw.random() < 0.5}
        text = urllib.parse.urlencode({name: value for name, value in parameters.items() if value is not None})
        return verb, path + ("?" + text if text else ""), data


def test_every_operation_answers_as_published():
    maker = Maker(random.Random(FUZZ_SEED))
    server = Server("serve", "--port", 0, "--seed", 7)
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(server.host).netloc, timeout=60)
    accepted, sent = set(), 0
    try:
        for _ in range(ROUNDS):
            # What is made comes first, so that there is something to read, to change and to delete.
            order = {"POST": 0, "PUT": 1, "GET": 2, "HEAD": 2, "PATCH": 3, "DELETE": 4}
            operations = sorted(maker.published.operations, key=lambda o: (order[o[0]], maker.draw.random()))
            for operation in operations + [o for o in operations if o[0] == "GET"]:
                verb, target, body = maker.request(*operation)
                connection.request(verb, target, None if body is None else body if body == "some text" else json.dumps(body), {
                    "Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"})
                answer = connection.getresponse()
                text = answer.read()
                sent += 1
                assert answer.status < 500 or answer.status == 501, (verb, target, body, answer.status, text)
                if answer.status == 401 or answer.status == 403 and answer.getheader("x-databricks-reason-phrase"):
                    # A request that was right has shut the caller out.
                    assert server.control("POST", "reset").status == 200
                elif answer.status < 300:
                    accepted.add(operation[:2])
                    if text.startswith(b"{"):
                        maker.learn(json.loads(text))
                if sent % 300 == 0:
                    assert server.control("DELETE", "journal").status == 200
    finally:
        connection.close()
        status = server.stop()
    assert status == 0
    assert len(accepted) > 60, len(accepted)
