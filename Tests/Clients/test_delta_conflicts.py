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


def meet(server, name, warehouse, held, other):
    """Both have read the same version; the held one commits first."""
    fault(server, name="race", match={"point": "delta.commit.before_put", "table": name}, when={"times": 1}, inject={"hold": "until_next"})
    first, second = in_order(server, "race", lambda: statement(server, held, warehouse), lambda: statement(server, other, warehouse))
    server.control("DELETE", "faults")
    assert outcome(first) == "SUCCEEDED", first
    return second


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
    second = meet(server, parts, warehouse_id, held.format(t=parts), other.format(t=parts))
    assert outcome(second) == wanted, second
    if wanted != "SUCCEEDED":
        assert second["status"]["sql_state"] == "2D521"


def test_serializable_tables_let_no_append_in(server, sql, parts, warehouse_id):
    sql(f"ALTER TABLE {parts} SET TBLPROPERTIES ('delta.isolationLevel' = 'Serializable')")
    second = meet(
        server, parts, warehouse_id, f"INSERT INTO {parts} VALUES (5, 'a')", f"UPDATE {parts} SET id = 10 WHERE p = 'a'")
    assert outcome(second) == "DELTA_CONCURRENT_APPEND.WITH_PARTITION_HINT"


def test_row_ids_stay_apart_when_appends_meet(server, sql, warehouse_id):
    sql("CREATE TABLE main.default.tracked (id INT) TBLPROPERTIES ('delta.enableRowTracking' = 'true')")
    second = meet(
        server, "main.default.tracked", warehouse_id, "INSERT INTO main.default.tracked VALUES (1), (2)", "INSERT INTO main.default.tracked VALUES (3)")
    assert outcome(second) == "SUCCEEDED"
    assert len(versions(sql, "main.default.tracked")) == 3


KINDS = {
    "insert": "INSERT INTO {t} VALUES (9, 0)",
    "update": "UPDATE {t} SET v = 10 WHERE id = 1",
    "delete": "DELETE FROM {t} WHERE id = 2",
    "merge": "MERGE INTO {t} AS t USING (SELECT 1 AS id UNION ALL SELECT 7) s ON t.id = s.id "
             "WHEN MATCHED THEN UPDATE SET v = 11 WHEN NOT MATCHED THEN INSERT (id, v) VALUES (s.id, 0)",
    "optimize": "OPTIMIZE {t}",
}


def expected(first, second, level, vectors):
    """What the second of two statements on the same file comes to."""
    if second == "insert":
        return "SUCCEEDED"
    if vectors == "true":
        # By rows: only those who change the same one are in each other's way, and OPTIMIZE is in nobody's.
        same = {"update", "merge"} if first in ("update", "merge") else {first} - {"insert", "optimize"}
        return "DELTA_CONCURRENT_APPEND" if second in same else "SUCCEEDED"
    if first == "insert":
        return "DELTA_CONCURRENT_APPEND" if level == "Serializable" and second != "optimize" else "SUCCEEDED"
    if second == "optimize":
        return "DELTA_CONCURRENT_DELETE_DELETE"
    return "DELTA_CONCURRENT_DELETE_READ" if first == "optimize" else "DELTA_CONCURRENT_APPEND"


@pytest.mark.parametrize("level, vectors", [
    ("WriteSerializable", "false"), ("WriteSerializable", "true"), ("Serializable", "false"), ("Serializable", "true")])
@pytest.mark.parametrize("first", KINDS)
def test_every_pair_on_the_same_file(server, sql, warehouse_id, first, level, vectors):
    """The rows are those of the one statement, or of both, one after the other."""
    for second in KINDS:
        name = f"main.default.pair{next(NUMBERS)}"
        sql(f"CREATE TABLE {name} (id INT, v INT) TBLPROPERTIES ('delta.isolationLevel' = '{level}', 'delta.enableDeletionVectors' = '{vectors}')")
        sql(f"INSERT INTO {name} VALUES (1, 0), (2, 0)")
        sql(f"INSERT INTO {name} VALUES (3, 0)")
        answer = meet(server, name, warehouse_id, KINDS[first].format(t=name), KINDS[second].format(t=name))
        found, wanted = outcome(answer), expected(first, second, level, vectors)
        assert found.split(".")[0] == wanted, (first, second, answer)
        if wanted != "SUCCEEDED":
            assert answer["status"]["sql_state"] == "2D521"
        rows = {1: 0, 2: 0, 3: 0}
        done = [first] + [second] * (wanted == "SUCCEEDED")
        for kind in done:
            rows.update({"update": {1: 10}, "merge": {1: 11, 7: 0}}.get(kind, {}))
            if kind == "delete":
                del rows[2]
        inserted = [["9", "0"]] * done.count("insert")
        assert sql(f"SELECT id, v FROM {name} ORDER BY id") == sorted([[str(k), str(v)] for k, v in rows.items()] + inserted)


@pytest.mark.parametrize("level", ["WriteSerializable", "Serializable"])
def test_disjoint_partitions_are_in_nobodys_way(server, sql, warehouse_id, level):
    kinds = [
        "UPDATE {t} SET id = id + 10 WHERE p = '{p}'", "DELETE FROM {t} WHERE p = '{p}' AND id % 2 = 1", "OPTIMIZE {t} WHERE p = '{p}'",
        "INSERT INTO {t} VALUES (5, '{p}')",
        "MERGE INTO {t} AS t USING (SELECT 1 AS id UNION ALL SELECT 3) s ON t.id = s.id AND t.p = '{p}' WHEN MATCHED THEN DELETE",
    ]
    for number, first in enumerate(kinds):
        for second in kinds[number:]:
            name = f"main.default.apart{next(NUMBERS)}"
            sql(f"CREATE TABLE {name} (id INT, p STRING) PARTITIONED BY (p) TBLPROPERTIES ('delta.isolationLevel' = '{level}')")
            sql(f"INSERT INTO {name} VALUES (1, 'a'), (3, 'b')")
            sql(f"INSERT INTO {name} VALUES (2, 'a'), (4, 'b')")
            answer = meet(server, name, warehouse_id, first.format(t=name, p="a"), second.format(t=name, p="b"))
            assert outcome(answer) == "SUCCEEDED", (first, second, answer)
            left = {"UPDATE": (2, 2), "DELETE": (1, 1), "OPTIMI": (2, 2), "INSERT": (3, 3), "MERGE ": (1, 1)}
            wanted = [["a", str(left[first[:6]][0])], ["b", str(left[second[:6]][1])]]
            assert sql(f"SELECT p, count(*) FROM {name} GROUP BY p ORDER BY p") == wanted, (first, second)


def apart(sql, **properties):
    name = f"main.default.rows{next(NUMBERS)}"
    told = ", ".join(f"'delta.{key}' = '{value}'" for key, value in {"enableDeletionVectors": "true", **properties}.items())
    sql(f"CREATE TABLE {name} (id INT, v INT) TBLPROPERTIES ({told})")
    sql(f"INSERT INTO {name} SELECT CAST(id AS INT), 0 FROM range(1, 7)")
    return name


@pytest.mark.parametrize("held, other, wanted", [
    ("UPDATE {t} SET v = 1 WHERE id = 1", "UPDATE {t} SET v = 2 WHERE id = 2", {1: 1, 2: 2}),
    ("DELETE FROM {t} WHERE id IN (1, 2)", "DELETE FROM {t} WHERE id IN (3, 4)", {1: None, 2: None, 3: None, 4: None}),
    # Together they take all rows: the file goes.
    ("DELETE FROM {t} WHERE id <= 3", "UPDATE {t} SET v = 1 WHERE id > 3", {1: None, 2: None, 3: None, 4: 1, 5: 1, 6: 1}),
    ("MERGE INTO {t} AS t USING (SELECT 1 AS id) s ON t.id = s.id WHEN MATCHED THEN UPDATE SET v = 1",
     "MERGE INTO {t} AS t USING (SELECT 2 AS id UNION ALL SELECT 9) s ON t.id = s.id WHEN MATCHED THEN UPDATE SET v = 2 "
     "WHEN NOT MATCHED THEN INSERT (id, v) VALUES (s.id, 9)", {1: 1, 2: 2, 9: 9}),
    # Rows that one makes and the other would have taken, matched or missed.
    ("UPDATE {t} SET id = 2 WHERE id = 1", "DELETE FROM {t} WHERE id = 2", None),
    ("MERGE INTO {t} AS t USING (SELECT 9 AS id) s ON t.id = s.id WHEN NOT MATCHED THEN INSERT (id, v) VALUES (s.id, 1)",
     "MERGE INTO {t} AS t USING (SELECT 2 AS id UNION ALL SELECT 9) s ON t.id = s.id WHEN MATCHED THEN UPDATE SET v = 2 "
     "WHEN NOT MATCHED THEN INSERT (id, v) VALUES (s.id, 9)", None),
    ("DELETE FROM {t} WHERE id = 1", "UPDATE {t} SET v = 2 WHERE id <= 2", None),
    ("DELETE FROM {t}", "UPDATE {t} SET v = 2 WHERE id = 2", None),
    # What depends on more than the row itself is not decided by rows.
    ("UPDATE {t} SET v = 1 WHERE id = 1", "DELETE FROM {t} WHERE id = (SELECT max(id) FROM {t})", None),
    ("UPDATE {t} SET v = 1 WHERE id = 1", "UPDATE {t} SET v = 2 WHERE id = 2 AND rand() < 2", None),
])
def test_rows_of_one_file_are_in_nobodys_way(server, sql, warehouse_id, held, other, wanted):
    name = apart(sql, enableRowTracking="true")
    ids = dict(sql(f"SELECT id, _metadata.row_id FROM {name}"))
    answer = meet(server, name, warehouse_id, held.format(t=name), other.format(t=name))
    if wanted is None:
        assert outcome(answer).startswith("DELTA_CONCURRENT_"), answer
        assert answer["status"]["sql_state"] == "2D521"
        return
    assert outcome(answer) == "SUCCEEDED", answer
    rows = {key: value for key, value in ({number: 0 for number in range(1, 7)} | wanted).items() if value is not None}
    assert sql(f"SELECT id, v FROM {name} ORDER BY id") == [[str(key), str(value)] for key, value in sorted(rows.items())]
    # Rows keep their ids, and readers of any version find them.
    assert {key: value for key, value in sql(f"SELECT id, _metadata.row_id FROM {name} WHERE id < 7")} == {
        str(key): ids[str(key)] for key in rows if key < 7}
    assert sql(f"SELECT count(*) FROM {name} VERSION AS OF 1") == [["6"]]


def test_partitions_and_identities_are_not_decided_by_rows(server, sql, warehouse_id):
    name = f"main.default.rows{next(NUMBERS)}"
    sql(f"CREATE TABLE {name} (id INT, p INT) PARTITIONED BY (p) TBLPROPERTIES ('delta.enableDeletionVectors' = 'true')")
    sql(f"INSERT INTO {name} VALUES (1, 1), (2, 1), (3, 1)")
    answer = meet(server, name, warehouse_id, f"DELETE FROM {name} WHERE id = 1", f"DELETE FROM {name} WHERE id = 2")
    assert outcome(answer).startswith("DELTA_CONCURRENT_"), answer
    # But OPTIMIZE is not in the way, unless rows are to lie along a curve.
    sql(f"INSERT INTO {name} VALUES (4, 1)")
    answer = meet(server, name, warehouse_id, f"OPTIMIZE {name}", f"DELETE FROM {name} WHERE id = 2")
    assert outcome(answer) == "SUCCEEDED", answer
    answer = meet(server, name, warehouse_id, f"OPTIMIZE {name} ZORDER BY (id)", f"DELETE FROM {name} WHERE id = 3")
    assert outcome(answer).startswith("DELTA_CONCURRENT_"), answer
    assert sql(f"SELECT id FROM {name} ORDER BY id") == [["3"], ["4"]]


def test_three_meet_on_one_file(server, sql, warehouse_id):
    """Appends between them do not matter; each winner is taken in in its turn."""
    name = apart(sql)
    second = meet(server, name, warehouse_id, f"UPDATE {name} SET v = 1 WHERE id = 1", f"INSERT INTO {name} VALUES (2, 7)")
    assert outcome(second) == "SUCCEEDED"
    answer = meet(server, name, warehouse_id, f"DELETE FROM {name} WHERE id = 3", f"UPDATE {name} SET v = 2 WHERE id = 2")
    assert outcome(answer) == "SUCCEEDED", answer
    assert sql(f"SELECT id, v FROM {name} ORDER BY id, v") == [["1", "1"], ["2", "2"], ["2", "2"], ["4", "0"], ["5", "0"], ["6", "0"]]
