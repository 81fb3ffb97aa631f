"""dbxsim sql against a running server."""

import json
import os
import subprocess

import pytest

from conftest import BINARY, TOKEN


@pytest.fixture(scope="module")
def sql(shared_server):
    def run(*arguments, stdin="", env=None):
        done = subprocess.run([str(BINARY), "sql", *map(str, arguments)], capture_output=True, text=True, input=stdin, timeout=60,
                              env={**os.environ, "DATABRICKS_HOST": shared_server.host, "DATABRICKS_TOKEN": TOKEN, **(env or {})})
        return done.returncode, done.stdout, done.stderr
    return run


def test_tables_are_aligned(sql):
    status, out, err = sql("SELECT 1 AS n, 'é' AS text, NULL AS nothing, 2.50 AS d UNION ALL SELECT 100, 'a\\tb', NULL, 10.00")
    assert (status, err) == (0, "")
    assert out.splitlines() == [
        "n   | text | nothing | d",
        "----+------+---------+------",
        "  1 | é    | NULL    |  2.50",
        "100 | a\\tb | NULL    | 10.00",
        "(2 rows)",
    ]


def test_csv_and_json(sql):
    query = """SELECT 1 AS n, 'a,"b"' AS s, '' AS e, NULL AS z, true AS b, 1.50 AS d, double('NaN') AS x, array(1, 2) AS l"""
    status, out, _ = sql("--output", "csv", query)
    assert status == 0
    assert out.splitlines() == ["n,s,e,z,b,d,x,l", '1,"a,""b""","",,true,1.50,NaN,"[""1"",""2""]"']
    status, out, _ = sql("--output", "json", query)
    assert json.loads(out) == [{"n": 1, "s": 'a,"b"', "e": "", "z": None, "b": True, "d": 1.5, "x": "NaN", "l": '["1","2"]'}]
    assert '"d":1.50' in out
    assert sql("--output", "json", "SELECT 1 AS a WHERE false") == (0, "[]\n", "")


def test_scripts_from_files_and_standard_input(sql, tmp_path):
    file = tmp_path / "s.sql"
    file.write_text("CREATE OR REPLACE TABLE main.default.sqlc (a INT); -- one; two\nINSERT INTO main.default.sqlc VALUES (1), (2);\n"
                    "SELECT ';' AS s, sum(a) AS t FROM main.default.sqlc;\n")
    status, out, err = sql(file, "--output", "csv")
    assert (status, err) == (0, "")
    assert out.splitlines()[-2:] == ["s,t", ";,3"]
    assert sql("-", "--output", "csv", stdin="SELECT count(*) AS n FROM main.default.sqlc\n")[1] == "n\n2\n"
    assert sql("SELECT current_schema() AS s", "--schema", "information_schema", "--catalog", "main", "--output", "csv")[1] == "s\ninformation_schema\n"


def test_errors_go_to_standard_error(sql):
    status, out, err = sql("SELECT 1 AS a; SELECT * FROM main.default.nowhere; SELECT 3 AS never", "--output", "csv")
    assert (status, out) == (1, "a\n1\n")
    assert err.startswith("dbxsim: statement 2: [TABLE_OR_VIEW_NOT_FOUND]")
    status, _, err = sql("SELEC 1")
    assert status == 1 and "[PARSE_SYNTAX_ERROR]" in err
    status, _, err = sql("SELECT 1", "--token", "wrong")
    assert status == 1 and len(err.splitlines()) == 1
    status, _, err = sql("SELECT 1", "--server", "http://127.0.0.1:9")
    assert status == 1 and "127.0.0.1:9" in err
    assert sql("SELECT 1", "--server", "nonsense://x")[0] == 64
    assert sql(" ; ")[0] == 1


def test_more_than_one_chunk(sql):
    status, out, _ = sql("SELECT id FROM range(250000)", "--output", "csv")
    assert status == 0
    assert out.splitlines() == ["id"] + [str(n) for n in range(250000)]
