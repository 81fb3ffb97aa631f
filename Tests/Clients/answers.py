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

# Journals cut long bodies, at 16 KiB: a document that long which cannot be read was cut, even if it became shorter as its secrets were hidden.
CUT_BYTES = 4 << 10
# What the contract's SDK never calls: the store's door for other engines.
OUTSIDE = ("s3.",)
# What the service sends and the published SDK does not know, by path and place: fields that drivers ask for and read (databricks-sql-python,
# databricks-jdbc), names of types newer than the enumeration (databricks-sql-kernel wants a name of every type, databricks-jdbc finds none of these),
# the details of a pipeline's events, the models that came out of MLflow's runs and metrics that are no numbers (mlflow's own client reads both), the type
# of Postgres roles that are no identities (as recorded by the service's command line tool), the privileges on secrets (named by the SDK's words on them),
# and the answer to `dry_run`, which is dbxsim's own.
BEYOND = {
    ("sql/statements", "unknown field", "manifest.result_compression"), ("sql/statements", "unknown field", "manifest.is_volume_operation"),
    ("sql/statements", "unknown field", "result.attachment"), ("sql/statements", "unknown field", "attachment"),
    ("sql/statements", "unknown field", "dry_run"), ("sql/statements", "enum", "manifest.schema.columns[].type_name"), ("/events", "unknown field", "events[].details"),
    ("/permissions/", "enum", "privilege_assignments[].privileges[]"),
    ("/roles", "enum", "status.identity_type"), ("/roles", "enum", "roles[].status.identity_type"),
    ("mlflow/runs/get", "unknown field", "run.outputs"), ("mlflow/runs/search", "unknown field", "runs[].outputs"),
    ("mlflow/runs/get", "type", "run.data.metrics[].value"), ("mlflow/runs/search", "type", "runs[].data.metrics[].value"),
    ("workspace/get-status", "enum", "object_type"), ("workspace/list", "enum", "objects[].object_type"),
    ("jobs/create", "unknown field", "dry_run"), ("jobs/create", "unknown field", "settings"),
    ("jobs/runs/submit", "unknown field", "dry_run"), ("jobs/runs/submit", "unknown field", "settings"),
}
# The templates of one placeholder, and the operations that they are meant for.
CATCH_ALL = {"/api/2.0/{name}": "domains.", "/api/2.0/mlflow/{name}": "ml.experiments."}
NEWER_TYPES = ('"TIMESTAMP_NTZ"', '"VARIANT"', '"IDENTITY_TYPE_UNSPECIFIED"', '"MLFLOW_EXPERIMENT"', '"CREATE_SECRET"', '"READ_SECRET"')
# Isolated workspaces have journals of their own; tests that make thousands show nothing new in most of them.
MAX_WORKSPACES = 20


class Answers:
    def __init__(self):
        self.contract = self.report = None
        self.cut = {}

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
        try:
            listed = server.request("GET", "/_dbxsim/workspaces", token=server.admin_token)
        except OSError:
            # A certificate that only the test's own client trusts.
            return
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
        if len(text) >= CUT_BYTES:
            self.cut[exchange["operation"]] = self.cut.get(exchange["operation"], 0) + 1
            return
        # Exported as a file.
        if "direct_download=true" in exchange["query"]:
            return
        body = json.dumps(message["body"]).encode() if "body" in message else text.encode()
        headers = {name.lower(): value for name, value in message["headers"].items()}
        # The gateway's refusals have a shape of their own, as recorded answers of the real service show.
        if exchange["status"] in (401, 403) and "x-databricks-reason-phrase" in headers:
            return
        path = urllib.parse.quote(urllib.parse.unquote(exchange["path"], errors="replace"), safe="/%")
        label, found = contract.exchange(exchange["method"], path, exchange["status"], headers.get("content-type", ""), body)
        found = [f for f in found if not self.is_beyond(path, f)]
        # A template of one placeholder fits every route that the contract does not list.
        owner = next((owner for template, owner in CATCH_ALL.items() if label.endswith(" " + template)), None)
        is_catch_all = owner is not None and not (exchange["operation"] or "").startswith(owner)
        if is_catch_all or found and found[0]["kind"] == "undocumented route":
            # Routes of other clients, and paths that a test made up and that were refused: the contract is silent on both.
            if exchange["operation"] is not None or exchange["status"] >= 400 or is_catch_all:
                return
        report.add(label, exchange["status"], found)

    @staticmethod
    def is_beyond(path, found):
        return any(part in path and (found["kind"], found["where"]) == (kind, where) for part, kind, where in BEYOND) and (
            found["kind"] != "enum" or found["what"].startswith(NEWER_TYPES))

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
        return f"{sum(c['calls'] for c in calls.values())} answers of {len(calls)} routes held against the contract, {sum(self.cut.values())} too long for it"


answers = Answers()
