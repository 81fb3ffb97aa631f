"""RESTORE of tables, and LIST of files on volumes."""

import io

from databricks.sdk.service.catalog import VolumeType


def test_restore(client, sql, warehouse_id):
    sql("CREATE TABLE main.default.r (id BIGINT)")
    sql("INSERT INTO main.default.r VALUES (1), (2)")
    sql("INSERT INTO main.default.r VALUES (3)")
    sql("DELETE FROM main.default.r WHERE id = 1")
    assert sql("SELECT count(*), min(id) FROM main.default.r") == [["2", "2"]]
    row = sql("RESTORE TABLE main.default.r TO VERSION AS OF 1")[0]
    assert row[1:3] == ["1", "2"] and int(row[0]) > 0
    assert sql("SELECT id FROM main.default.r ORDER BY id") == [["1"], ["2"]]
    history = sql("DESCRIBE HISTORY main.default.r LIMIT 1")[0]
    assert (history[0], history[4]) == ("4", "RESTORE")
    sql("RESTORE main.default.r TO VERSION AS OF 0")
    assert sql("SELECT count(*) FROM main.default.r") == [["0"]]
    failed = client.statement_execution.execute_statement(
        statement="RESTORE main.default.r TO VERSION AS OF 99", warehouse_id=warehouse_id).status
    assert "DELTA_VERSION_NOT_FOUND" in failed.error.message or "VERSION" in failed.error.message


def test_list(client, sql, warehouse_id):
    client.volumes.create("main", "default", "v", VolumeType.MANAGED)
    for name in ("b.txt", "a/x", "c.txt"):
        client.files.upload(f"/Volumes/main/default/v/{name}", io.BytesIO(b"123"))
    rows = sql("LIST '/Volumes/main/default/v'")
    assert [row[:3] for row in rows] == [
        ["/Volumes/main/default/v/a/", "a/", "0"], ["/Volumes/main/default/v/b.txt", "b.txt", "3"],
        ["/Volumes/main/default/v/c.txt", "c.txt", "3"]]
    assert len(sql("LIST '/Volumes/main/default/v' LIMIT 1")) == 1
    failed = client.statement_execution.execute_statement(statement="LIST '/Volumes/main/default/nope'", warehouse_id=warehouse_id).status
    assert "'main.default.nope' does not exist" in failed.error.message
