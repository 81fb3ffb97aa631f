"""Every answer that the tests got from a simulated workspace, held against the contract where it is present beside the project.

The answers are read from the servers' journals, so that nothing stands between a client and its server. Not judged: answers that a fault made or
broke, and bodies that the journal cuts. `DBXSIM_ANSWERS=out.json` writes calls and findings of a session to a file.
"""

import importlib.util
import json
import os
import pathlib
import sys
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parents[2]
VALIDATOR = pathlib.Path(os.environ.get("DBXSIM_SHARED", ROOT.parent / "shared")) / "contract/validate.py"
OUT = os.environ.get("DBXSIM_ANSWERS")

# A longer body is cut in the journal.
KEPT_BYTES = 16 << 10
# What the contract's SDK never calls: the store's door for other engines.
OUTSIDE = ("s3.",)
# Isolated workspaces have journals of their own; tests that make thousands show nothing new in most of them.
MAX_WORKSPACES = 20


class Answers:
    # Whether findings make the session fail.
    gates = False

    def __init__(self):
        self.contract = self.report = None
        self.cut = 0

    @property
    def judged(self):
        return VALIDATOR.exists()

    def _load(self):
        if self.contract is None:
            spec = importlib.util.spec_from_file_location("contract_validator", VALIDATOR)
            module = importlib.util.module_from_spec(spec)
            written, sys.dont_write_bytecode = sys.dont_write_bytecode, True
            try:
                spec.loader.exec_module(module)
            finally:
                sys.dont_write_bytecode = written
            self.contract, self.report = module.Contract(), module.Report()
        return self.contract, self.report

    def collect(self, server):
        """Judges what the journals of a server hold; called before they are cleared and before the server ends."""
        if not self.judged or server.process.poll() is not None:
            return
        listed = server.request("GET", "/_dbxsim/workspaces", token=server.admin_token)
        if listed.status != 200:
            return
        for query in ["", *(f"?workspace={w['workspace_id']}" for w in listed.json["workspaces"][:MAX_WORKSPACES])]:
            journal = server.request("GET", "/_dbxsim/journal" + query, token=server.admin_token)
            for exchange in journal.json["exchanges"] if journal.status == 200 else ():
                self.judge(exchange)

    def judge(self, exchange):
        note = exchange.get("note") or ""
        if exchange["fault"] or not exchange["status"] or "fault" in note or (exchange["operation"] or "").startswith(OUTSIDE):
            return
        contract, report = self._load()
        message = exchange["response"]
        text = message.get("text", "")
        if len(text.encode()) >= KEPT_BYTES:
            self.cut += 1
            return
        body = json.dumps(message["body"]).encode() if "body" in message else text.encode()
        headers = {name.lower(): value for name, value in message["headers"].items()}
        # The gateway's refusals have a shape of their own, as recorded answers of the real service show.
        if exchange["status"] in (401, 403) and "x-databricks-reason-phrase" in headers:
            return
        path = urllib.parse.quote(urllib.parse.unquote(exchange["path"], errors="replace"), safe="/%")
        label, found = contract.exchange(exchange["method"], path, exchange["status"], headers.get("content-type", ""), body)
        if found and found[0]["kind"] == "undocumented route":
            # Routes of other clients, and paths that a test made up and that were refused: the contract is silent on both.
            if exchange["operation"] is not None or exchange["status"] >= 400:
                return
        report.add(label, exchange["status"], found)

    def findings(self):
        """The lines of a session's findings; empty if the contract was kept or nothing was judged."""
        if self.report is None:
            return []
        data = self.report.data(())
        if OUT:
            pathlib.Path(OUT).write_text(json.dumps({**data, "cut": self.cut}, indent=1))
        return [
            f"{label}: {found['kind']}: {found['where']}: {found['what']} ({found['times']} times)"
            for label, list_ in data["violations"].items() for found in list_]

    @property
    def summary(self):
        calls = self.report.calls if self.report else {}
        return f"{sum(c['calls'] for c in calls.values())} answers of {len(calls)} routes held against the contract, {self.cut} too long for it"


answers = Answers()
