"""Columns of arrays, maps, structs and variants: written to the directory by one server, read back by another."""

import pytest


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return tmp_path_factory.mktemp("nested")


def run(server, statement):
    warehouse = server.request("GET", "/api/2.0/sql/warehouses").json["warehouses"][0]["id"]
    answer = server.request("POST", "/api/2.0/sql/statements", {"statement": statement, "warehouse_id": warehouse}).json
    if answer["status"]["state"] != "SUCCEEDED":
        return answer["status"]["error"]["message"]
    return answer.get("result", {}).get("data_array")


def test_nested_columns_survive_a_restart(start, data):
    server = start("serve", "--data-dir", data)
    assert run(server, "CREATE TABLE t (id INT, a ARRAY<STRUCT<x INT, y MAP<STRING, DOUBLE>>>)") is None
    assert run(server, """INSERT INTO t VALUES (1, array(named_struct('x', 1, 'y', map('a', 1.5D)), NULL)),
                          (2, NULL), (3, array())""") == [["3", "3"]]
    assert run(server, "CREATE TABLE u AS SELECT id, a[0].y AS m, array(array(id), NULL) AS n FROM t WHERE id = 1") is None
    server.stop()
    server = start("serve", "--data-dir", data)
    assert run(server, "SELECT * FROM t ORDER BY id") == [
        ["1", '[{"x":"1","y":{"a":"1.5"}},null]'], ["2", None], ["3", "[]"]]
    assert run(server, "SELECT a[0].y['a'] FROM t WHERE id = 1") == [["1.5"]]
    assert run(server, "SELECT * FROM u") == [["1", '{"a":"1.5"}', '[["1"],null]']]
    assert run(server, "DESCRIBE t")[1][:2] == ["a", "array<struct<x:int,y:map<string,double>>>"]


def test_types_that_tables_have_or_refuse(start):
    server = start("serve")
    assert run(server, "CREATE TABLE w (n TIMESTAMP_NTZ, b BINARY, d DECIMAL(38,10), v VARIANT, c VARCHAR(4))") is None
    assert run(server, "INSERT INTO w VALUES (TIMESTAMP_NTZ'2020-01-01 00:00:00', X'00ff', 1.5, NULL, 'ab')") == [["1", "1"]]
    assert run(server, "SELECT * FROM w") == [["2020-01-01T00:00:00.000", "AP8=", "1.5000000000", None, "ab"]]
    assert run(server, "CREATE TABLE i (i INTERVAL DAY TO SECOND)") == (
        "[DELTA_UNSUPPORTED_DATA_TYPES] Found columns using unsupported data types: [i: DayTimeIntervalType(0,3)]. SQLSTATE: 0AKDC")


def test_char_and_varchar(start):
    server = start("serve")
    assert run(server, "CREATE TABLE c (c CHAR(3), v VARCHAR(4), s STRUCT<x: ARRAY<VARCHAR(2)>>)") is None
    assert run(server, "INSERT INTO c VALUES ('é', 'abcd  ', named_struct('x', array('xy', NULL))), (NULL, '', NULL)") == [["2", "2"]]
    assert run(server, "SELECT concat('<', c, '>'), concat('<', v, '>'), s FROM c ORDER BY v DESC") == [
        ["<é  >", "<abcd>", '{"x":["xy",null]}'], [None, "<>", None]]
    for values in ("'abcd', '', NULL", "'', 'abcd e', NULL", "'', '', named_struct('x', array('xyz'))"):
        assert run(server, f"INSERT INTO c VALUES ({values})").startswith("[EXCEED_LIMIT_LENGTH]")
