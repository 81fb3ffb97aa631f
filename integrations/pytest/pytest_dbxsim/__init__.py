"""A Databricks workspace of its own for each test: fixtures over a dbxsim server."""

import os
import pathlib

import pytest

from .server import ControlError, Process, Server, Workspace

__all__ = ["ControlError", "Server", "Workspace"]

_DEFAULT_TOKEN = "dapi-dbxsim"


def pytest_addoption(parser):
    group = parser.getgroup("dbxsim")
    group.addoption("--dbxsim-url", help="a running server to use instead of starting one (DBXSIM_URL)")
    group.addoption("--dbxsim-upstream", help="the workspace that missing cassettes are recorded from (DBXSIM_UPSTREAM)")
    group.addoption("--dbxsim-rerecord", action="store_true", help="record cassettes anew")
    parser.addini("dbxsim_args", "further options of `dbxsim serve`", type="args", default=[])


def pytest_configure(config):
    config.addinivalue_line("markers", "dbxsim(seed=None, snapshot=None): how the test's workspace is made")
    config.addinivalue_line("markers", "dbxsim_scenario(path): loads a scenario and fails the test unless its verdict is pass")
    config.addinivalue_line("markers", "dbxsim_cassette(folder): the cassette that the test records or replays")
    config._dbxsim_server = None


def _binary():
    return os.environ.get("DBXSIM", "dbxsim")


def _token():
    return os.environ.get("DBXSIM_TOKEN", _DEFAULT_TOKEN)


def _server(config):
    """The session's server, started when it is first asked for."""
    if config._dbxsim_server is None:
        shared = getattr(config, "workerinput", {}).get("dbxsim_url")
        url = shared or config.getoption("--dbxsim-url") or os.environ.get("DBXSIM_URL")
        if url:
            config._dbxsim_server = Server(url, _token())
        else:
            process = Process([_binary(), "serve", "--port", "0", "--token", _token(), *config.getini("dbxsim_args")])
            config._dbxsim_server = Server(process.host, _token(), process)
    return config._dbxsim_server


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node):
    """pytest-xdist: all workers use the controller's server."""
    node.workerinput["dbxsim_url"] = _server(node.config).host


def pytest_unconfigure(config):
    server = getattr(config, "_dbxsim_server", None)
    if server is not None:
        config._dbxsim_server = None
        server.stop()


@pytest.fixture(scope="session")
def dbxsim_server(request):
    return _server(request.config)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    if call.when == "call":
        item._dbxsim_passed = outcome.get_result().passed


@pytest.fixture
def dbxsim(request, dbxsim_server):
    marker = request.node.get_closest_marker("dbxsim")
    workspace = dbxsim_server.make_workspace(request.node.nodeid.replace("/", ".")[-200:], **(marker.kwargs if marker else {}))
    try:
        scenarios = [m.args[0] for m in request.node.iter_markers("dbxsim_scenario")]
        for scenario in scenarios:
            if isinstance(scenario, (str, os.PathLike)) and not pathlib.Path(scenario).is_absolute():
                scenario = request.config.rootpath / scenario
            workspace.load(scenario)
        yield workspace
        # A test that failed has said why; the verdict would only hide it.
        if scenarios and getattr(request.node, "_dbxsim_passed", False):
            workspace.assert_report()
    finally:
        workspace.delete()


@pytest.fixture
def dbxsim_env(dbxsim, monkeypatch):
    for name in [n for n in os.environ if n.startswith("DATABRICKS_")]:
        monkeypatch.delenv(name)
    for name, value in dbxsim.env().items():
        monkeypatch.setenv(name, value)
    return dbxsim


@pytest.fixture
def dbxsim_cassette(request):
    marker = request.node.get_closest_marker("dbxsim_cassette")
    if marker and marker.args:
        folder = request.config.rootpath / marker.args[0]
    else:
        name = "".join(c if c.isalnum() or c in "-_." else "_" for c in request.node.name)
        folder = request.path.parent / "cassettes" / request.path.stem / name
    upstream = request.config.getoption("--dbxsim-upstream") or os.environ.get("DBXSIM_UPSTREAM")
    recorded = (folder / "cassette.jsonl").exists()
    if recorded and not request.config.getoption("--dbxsim-rerecord"):
        process = Process([_binary(), "replay", "--port", "0", "--token", _token(), "--cassette", str(folder)])
        mode = "replay"
    elif upstream:
        folder.parent.mkdir(parents=True, exist_ok=True)
        process = Process([_binary(), "record", "--port", "0", "--token", _token(), "--upstream", upstream, "--cassette", str(folder), "--mode", "all"])
        mode = "record"
    else:
        pytest.fail(f"{folder} has no recording, and no --dbxsim-upstream is given to record one from", pytrace=False)
    server = Server(process.host, _token(), process)
    server.mode, server.folder = mode, folder
    if mode == "record":
        # The real workspace decides who is let in; the control API keeps its own token.
        server.token = os.environ.get("DATABRICKS_TOKEN", server.token)
    yield server
    status = server.stop()
    if status != 0 and getattr(request.node, "_dbxsim_passed", False):
        pytest.fail(f"dbxsim {mode} ended with status {status}: {process.errors.strip()[-2000:]}", pytrace=False)
