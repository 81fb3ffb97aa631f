"""A dbxsim server and the workspaces on it; standard library only."""

import contextlib
import json
import os
import pathlib
import re
import signal
import subprocess
import tempfile
import urllib.error
import urllib.parse
import urllib.request


class ControlError(Exception):
    """A control call that was refused."""

    def __init__(self, status, answer):
        self.status, self.answer = status, answer
        super().__init__(f"{status} {answer.get('error_code', '')}: {answer.get('message', '')}")


def _call(host, token, method, path, body=None):
    """Status and JSON of a control call; `body` is JSON, or bytes as they are."""
    data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    request = urllib.request.Request(f"{host}/_dbxsim/{path}", data=data, method=method)
    request.add_header("Authorization", f"Bearer {token}")
    # Proxies of the environment are not for the server next door.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=60) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        text = error.read()
        try:
            return error.code, json.loads(text)
        except ValueError:
            return error.code, {"message": text.decode(errors="replace")[:500]}


def _control(host, token, method, path, body=None):
    status, answer = _call(host, token, method, path, body)
    if status >= 400:
        raise ControlError(status, answer)
    return answer


class Process:
    """A running dbxsim; `exports` are the variables of its ready lines."""

    def __init__(self, command):
        environment = {k: v for k, v in os.environ.items() if not k.startswith("DBXSIM_")}
        # A file, not a pipe: nobody reads along, and a full pipe would stop the server.
        self._log = tempfile.TemporaryFile("w+")
        try:
            self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self._log, text=True, env=environment)
        except OSError as error:
            raise RuntimeError(f"{command[0]} cannot be started ({error}); put dbxsim on the path or its place in DBXSIM") from None
        first = self._process.stdout.readline()
        match = re.fullmatch(r"dbxsim \S+ listening on (http://\S+)\n", first)
        if not match:
            self.stop()
            raise RuntimeError(f"dbxsim did not start: {self.errors.strip()[-2000:]}")
        self.host = match.group(1)

    def stop(self):
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()
        return self._process.returncode

    @property
    def errors(self):
        self._log.seek(0)
        return self._log.read()


class Server:
    """A server with its admin token."""

    def __init__(self, host, token, process=None):
        self.host, self.token, self._admin, self._process = host.rstrip("/"), token, token, process

    def control(self, method, path, body=None):
        return _control(self.host, self._admin, method, path, body)

    def make_workspace(self, name, seed=None, snapshot=None):
        order = {"name": name, **({"seed": seed} if seed is not None else {}), **({"snapshot": snapshot} if snapshot else {})}
        return Workspace(self.host, self.control("POST", "workspaces", order))

    def stop(self):
        """Ends a server that was started here; its exit status."""
        return self._process.stop() if self._process else 0


class Workspace:
    """An isolated workspace; its token reaches it and no other."""

    def __init__(self, host, made):
        self.host, self.token = host, made["token"]
        self.workspace_id, self.warehouse_id, self.seed = made["workspace_id"], made.get("warehouse_id"), made.get("seed")

    def env(self):
        return {"DATABRICKS_HOST": self.host, "DATABRICKS_TOKEN": self.token, "DATABRICKS_WAREHOUSE_ID": self.warehouse_id or ""}

    def control(self, method, path, body=None):
        return _control(self.host, self.token, method, path, body)

    @contextlib.contextmanager
    def faults(self, *rules, **rule):
        """Rules in force within the block: `faults(match=…, inject=…)`, or several rules as dictionaries. Gives their names."""
        rules = list(rules) + ([rule] if rule else [])
        names = self.control("POST", "faults", {"faults": rules})["names"]
        try:
            yield names
        finally:
            for name in names:
                with contextlib.suppress(ControlError):
                    self.control("DELETE", "faults/" + urllib.parse.quote(name, safe=""))

    def load(self, scenario):
        """Loads a scenario, from a file or as a dictionary; its name."""
        text = json.dumps(scenario).encode() if isinstance(scenario, dict) else pathlib.Path(scenario).read_bytes()
        return self.control("POST", "scenarios", text)["name"]

    @contextlib.contextmanager
    def scenario(self, scenario):
        """A scenario in force within the block; at its end the verdict must be a pass."""
        name = self.load(scenario)
        try:
            yield name
            self.assert_report()
        finally:
            self.control("DELETE", "scenarios/" + urllib.parse.quote(name, safe=""))

    def report(self):
        return self.control("GET", "report")

    def assert_report(self):
        report = self.report()
        if report["verdict"] == "pass":
            return report
        lines = [f"the verdict is {report['verdict']}"]
        for scenario in report["scenarios"]:
            for e in scenario["expectations"]:
                if e["verdict"] != "pass":
                    lines.append(f"{scenario['scenario']}: {e['name']}: {e['verdict']}: {e['reason']} (exchanges {e['exchanges']})")
        raise AssertionError("\n".join(lines))

    def journal(self, **filters):
        return self.control("GET", "journal?" + urllib.parse.urlencode(filters))["exchanges"]

    def verify(self, match, times=None):
        """So many exchanges match, or an AssertionError with the nearest misses."""
        body = {"match": match, **({"times": times} if times is not None else {})}
        status, answer = _call(self.host, self.token, "POST", "journal/verify", body)
        if status == 422:
            nearest = [f"exchange {n['n']}: {n['method']} {n['path']}: {'; '.join(n['differs'])}" for n in answer["nearest"]]
            raise AssertionError("\n".join([answer["message"], *nearest]))
        if status != 200:
            raise ControlError(status, answer)
        return answer["matched"]

    def advance(self, duration):
        """Moves the workspace's virtual clock: a number of seconds, or a duration such as "90s"."""
        text = duration if isinstance(duration, str) else f"{round(duration * 1000)}ms"
        return self.control("POST", "clock", {"advance": text})["now"]

    def reset(self):
        self.control("POST", "reset")

    def snapshot(self, name):
        self.control("POST", "snapshots", {"name": name})

    def restore(self, name):
        self.control("POST", f"snapshots/{urllib.parse.quote(name, safe='')}/restore")

    def delete(self):
        self.control("DELETE", f"workspaces/{self.workspace_id}")
