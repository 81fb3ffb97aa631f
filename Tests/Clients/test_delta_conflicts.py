"""Two statements that change one table at once: which pairs conflict, and under which name."""

import itertools

import pytest

from conftest import Server
from test_fault_races import fault, in_order, outcome, statement, versions


NUMBERS = itertools.count()


@pytest.fixture(scope="module")
def server():
    server = Server("serve", "--port", 0)
    yield server
    server.stop()


@pytest.fixture
def parts(sql):
    name = f"main.default.parts{next(NUMBERS)}"
    sql(f"CREATE TABLE {name} (id INT, p STRING) PARTITIONED BY (p)")
    sql(f"INSERT INTO {name} VALUES (1, 'a'), (2, 'a'), (3, 'b'), (4, 'b')")
    return name


MERGE_A = "MERGE INTO {t} AS t USING (SELECT 1 AS id UNION ALL SELECT 7) s ON t.id = s.id AND t.p = 'a' " \
          "WHEN MATCHED THEN UPDATE SET id = 10 WHEN NOT MATCHED THEN INSERT (id, p) VALUES (s.id, 'a')"


@pytest.mark.parametrize("held, other, wanted", [
    # Disjoint partitions: nobody is in the other's way.
    ("UPDATE {t} SET id = 10 WHERE p = 'a'", "DELETE FROM {t} WHERE p = 'b'", "SUCCEEDED"),
    (MERGE_A, "UPDATE {t} SET id = 20 WHERE p = 'b' AND id = 3", "SUCCEEDED"),
    ("INSERT INTO {t} REPLACE WHERE p = 'a' VALUES (9, 'a')", "INSERT INTO {t} REPLACE WHERE p = 'b' VALUES (9, 'b')", "SUCCEEDED"),
    ("INSERT OVERWRITE {t} PARTITION (p = 'a') VALUES (9)", "DELETE FROM {t} WHERE p = 'b'", "SUCCEEDED"),
    # Appends that read nothing are let in before a reader, but for the isolation level's sake; see below.
    ("UPDATE {t} SET id = 10 WHERE p = 'a'", "INSERT INTO {t} VALUES (5, 'a')", "SUCCEEDED"),
    ("INSERT INTO {t} VALUES (5, 'a')", "DELETE FROM {t} WHERE p = 'a'", "SUCCEEDED"),
    # The same rows.
    ("UPDATE {t} SET id = 10 WHERE p = 'a'", "UPDATE {t} SET id = 11 WHERE id = 1", "DELTA_CONCURRENT_APPEND.WITH_PARTITION_HINT"),
    ("DELETE FROM {t} WHERE p = 'a'", "DELETE FROM {t} WHERE id <= 2", "DELTA_CONCURRENT_DELETE_READ.WITH_PARTITION_HINT"),
    (MERGE_A, MERGE_A, "DELTA_CONCURRENT_APPEND.WITH_PARTITION_HINT"),
    ("INSERT OVERWRITE {t} VALUES (9, 'a')", "INSERT OVERWRITE {t} VALUES (9, 'b')", "DELTA_CONCURRENT_APPEND.WHOLE_TABLE_READ"),
    # Descriptions.
    ("ALTER TABLE {t} SET TBLPROPERTIES ('x' = 'y')", "INSERT INTO {t} VALUES (5, 'a')", "DELTA_METADATA_CHANGED"),
    ("ALTER TABLE {t} ADD CONSTRAINT positive CHECK (id > 0)", "DELETE FROM {t} WHERE p = 'b'", "DELTA_PROTOCOL_CHANGED"),
    ("MERGE WITH SCHEMA EVOLUTION INTO {t} USING (SELECT 1 AS id, 'new' AS extra) s ON {t}.id = s.id WHEN MATCHED THEN UPDATE SET *",
     "INSERT INTO {t} VALUES (5, 'a')", "DELTA_METADATA_CHANGED"),
])
def test_pairs(server, sql, parts, warehouse_id, held, other, wanted):
    """Both have read version 1; the held one commits first, and the other one meets its commit."""
    fault(server, name="race", match={"point": "delta.commit.before_put", "table": parts}, when={"times": 1}, inject={"hold": "until_next"})
    first, second = in_order(
        server, "race", lambda: statement(server, held.format(t=parts), warehouse_id),
        lambda: statement(server, other.format(t=parts), warehouse_id))
    server.control("DELETE", "faults")
    assert outcome(first) == "SUCCEEDED", first
    assert outcome(second) == wanted, second
    if wanted != "SUCCEEDED":
        assert second["status"]["sql_state"] == "2D521"


def test_serializable_tables_let_no_append_in(server, sql, parts, warehouse_id):
    sql(f"ALTER TABLE {parts} SET TBLPROPERTIES ('delta.isolationLevel' = 'Serializable')")
    fault(server, name="race", match={"point": "delta.commit.before_put", "table": parts}, when={"times": 1}, inject={"hold": "until_next"})
    first, second = in_order(
        server, "race", lambda: statement(server, f"INSERT INTO {parts} VALUES (5, 'a')", warehouse_id),
        lambda: statement(server, f"UPDATE {parts} SET id = 10 WHERE p = 'a'", warehouse_id))
    server.control("DELETE", "faults")
    assert (outcome(first), outcome(second)) == ("SUCCEEDED", "DELTA_CONCURRENT_APPEND.WITH_PARTITION_HINT")


def test_row_ids_stay_apart_when_appends_meet(server, sql, warehouse_id):
    sql("CREATE TABLE main.default.tracked (id INT) TBLPROPERTIES ('delta.enableRowTracking' = 'true')")
    fault(server, name="race", match={"point": "delta.commit.before_put", "table": "main.default.tracked"}, when={"times": 1}, inject={"hold": "until_next"})
    first, second = in_order(
        server, "race", lambda: statement(server, "INSERT INTO main.default.tracked VALUES (1), (2)", warehouse_id),
        lambda: statement(server, "INSERT INTO main.default.tracked VALUES (3)", warehouse_id))
    server.control("DELETE", "faults")
    assert (outcome(first), outcome(second)) == ("SUCCEEDED", "SUCCEEDED")
    assert len(versions(sql, "main.default.tracked")) == 3
