"""The coverage probe of the contract, where it is present beside the project."""

import os
import pathlib
import re
import subprocess
import sys

import pytest

from conftest import ROOT, TOKEN

PROBE = pathlib.Path(os.environ.get("DBXSIM_SHARED", ROOT.parent / "shared")) / "contract/coverage.py"

# Operations implemented in tier 1; only ever raised.
FLOOR = 400


@pytest.mark.skipif(not PROBE.exists(), reason="the contract is not beside the project")
def test_probe_finds_nothing_broken(start):
    server = start("serve", "--port", 0)
    done = subprocess.run(
        [sys.executable, str(PROBE), "--host", server.host, "--token", TOKEN], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    lines = dict(re.findall(r"^(tier\d|total) (\d+/\d+ \S+ broken \d+)$", done.stdout, re.M))
    assert lines["total"].endswith("broken 0"), done.stdout[-2000:]
    assert int(lines["tier1"].split("/")[0]) >= FLOOR
