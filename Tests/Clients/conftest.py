"""Real clients against the program itself: each test module gets servers of its own on free ports."""

import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import urllib.error
import urllib.request

import pytest

from answers import answers

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = pathlib.Path(os.environ.get("DBXSIM", ROOT / ".build/release/dbxsim"))
TOKEN = "dapi-dbxsim"

# For longer runs of the tests that send made-up requests.
FUZZ_REQUESTS = int(os.environ.get("DBXSIM_FUZZ_REQUESTS", 400))
FUZZ_SEED = int(os.environ.get("DBXSIM_FUZZ_SEED", 17))

# The clients must see this server alone, not the developer's own configuration.
for name in [n for n in os.environ if n.startswith(("DATABRICKS_", "ARM_", "DBXSIM_"))]:
    del os.environ[name]
os.environ["DATABRICKS_CONFIG_FILE"] = os.devnull


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)


class Server:
    """A running dbxsim; `ready` holds the lines that it printed when it could answer. `exports`: how many variables it prints, if more than
    usual: replay names a warehouse only if its cassettes have one."""

    # How a server's certificate is checked, where it has one.
    tls = None

    def __init__(self, *arguments, env=None, exports=None):
        self.admin_token = str(arguments[arguments.index("--token") + 1]) if "--token" in arguments else TOKEN
        port = () if "--port" in arguments else ("--port", 0)
        self.process = subprocess.Popen(
            [str(BINARY), *map(str, arguments + port)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, **(env or {})})
        self.ready = []
        self.exports = {}
        first = self.process.stdout.readline()
        match = re.fullmatch(r"dbxsim (\S+) listening on (https?://127\.0\.0\.1:\d+)\n", first)
        if not match:
            raise AssertionError(f"not the ready line: {first!r}; {self.process.stderr.read()}")
        self.version, self.host = match.groups()
        self.ready.append(first)
        for _ in range(exports or {"serve": 3, "replay": 2, "record": 1}[arguments[0]]):
            line = self.process.stdout.readline()
            self.ready.append(line)
            name, value = re.fullmatch(r"export (\w+)=(.*)\n", line).groups()
            self.exports[name] = value
        self.judged = arguments[0] == "serve"

    def request(self, method, path, body=None, token=TOKEN, headers=None):
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.host + path, data=data, method=method)
        if data is not None:
            request.add_header("Content-Type", "application/json")
        if token:
            request.add_header("Authorization", f"Bearer {token}")
        for name, value in (headers or {}).items():
            request.add_header(name, value)
        try:
            with urllib.request.urlopen(request, timeout=60, context=self.tls) as answer:
                return Answer(answer.status, answer.headers, answer.read())
        except urllib.error.HTTPError as error:
            return Answer(error.code, error.headers, error.read())

    def control(self, method, path, body=None):
        # What the journal holds is gone behind these calls.
        if (method, path) in (("POST", "reset"), ("DELETE", "journal")):
            self.judge()
        return self.request(method, "/_dbxsim/" + path, body)

    def judge(self):
        """Holds the answers given so far against the contract."""
        if self.judged:
            answers.collect(self)

    def stop(self):
        """Ends the server as Ctrl-C does; the exit status."""
        self.judge()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        self.out, self.err = self.process.communicate(timeout=20)
        return self.process.returncode


@pytest.fixture
def start():
    """Starts servers that end with the test."""
    servers = []

    def start(*arguments, **options):
        servers.append(Server(*arguments, **options))
        return servers[-1]

    yield start
    for server in servers:
        if server.process.poll() is None:
            server.stop()


@pytest.fixture(scope="module")
def shared_server():
    server = Server("serve", "--port", 0, "--seed", 7)
    yield server
    assert server.stop() == 0


@pytest.fixture
def server(shared_server):
    """A server in its start state."""
    assert shared_server.control("POST", "reset").status == 200
    return shared_server


@pytest.fixture
def client(server):
    return workspace_client(server)


def workspace_client(server, **options):
    from databricks.sdk import WorkspaceClient

    options = options or {"token": TOKEN}
    return WorkspaceClient(host=server.host, **options)


@pytest.fixture
def warehouse_id(server):
    return server.exports["DATABRICKS_WAREHOUSE_ID"]


def run_sql(client, statement, warehouse_id, **options):
    """The rows of a statement that must succeed."""
    answer = client.statement_execution.execute_statement(statement=statement, warehouse_id=warehouse_id, **options)
    assert answer.status.state.value == "SUCCEEDED", answer.status
    return answer.result.data_array if answer.result and answer.result.data_array else []


@pytest.fixture
def sql(client, warehouse_id):
    return lambda statement, **options: run_sql(client, statement, warehouse_id, **options)


@pytest.fixture
def fails(client, warehouse_id):
    """The message of a statement that must fail."""
    def fails(text):
        status = client.statement_execution.execute_statement(statement=text, warehouse_id=warehouse_id).status
        assert status.error is not None, text
        return status.error.message

    return fails


@pytest.fixture(scope="module")
def virtual_server():
    server = Server("serve", "--port", 0, "--seed", 7, "--clock", "virtual")
    yield server
    assert server.stop() == 0


@pytest.fixture
def virtual(virtual_server):
    """A server on a virtual clock, in its start state."""
    assert virtual_server.control("POST", "reset").status == 200
    return virtual_server


@pytest.fixture
def cassette(tmp_path):
    folder = tmp_path / "cassette"
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def pytest_sessionfinish(session, exitstatus):
    """The session fails if an answer is not as the contract has it."""
    if answers.findings() and exitstatus == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter):
    if answers.report is None:
        return
    found = answers.findings()
    if found:
        terminalreporter.section("answers that are not as the contract has them", red=True)
        for line in found:
            terminalreporter.write_line(line)
    terminalreporter.write_line(answers.summary)
