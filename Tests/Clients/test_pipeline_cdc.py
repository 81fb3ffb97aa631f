"""AUTO CDC: changes of a stream that a pipeline keeps as the last state of each row, or as its history."""

import json

import pytest

from test_pipelines import make, notebook, raw_events, run, sql

CHANGES = """(124, 'Raul', 'Oaxaca', 'INSERT', 1), (123, 'Isabel', 'Monterrey', 'INSERT', 1), (125, 'Mercedes', 'Tijuana', 'INSERT', 2),
(126, 'Lily', 'Cancun', 'INSERT', 2), (123, NULL, NULL, 'DELETE', 6), (125, 'Mercedes', 'Guadalajara', 'UPDATE', 6),
(125, 'Mercedes', 'Mexicali', 'UPDATE', 5), (123, 'Isabel', 'Chihuahua', 'UPDATE', 5)"""

FLOW = "FROM stream(main.raw.changes) KEYS (userId) APPLY AS DELETE WHEN operation = 'DELETE' {more} SEQUENCE BY n COLUMNS * EXCEPT (operation, n)"
LAST = f"CREATE OR REFRESH STREAMING TABLE target; CREATE FLOW flow AS AUTO CDC INTO target {FLOW};"
HISTORY = f"CREATE OR REFRESH STREAMING TABLE target; APPLY CHANGES INTO LIVE.target {FLOW.format(more='')} STORED AS SCD TYPE 2 {{tracks}};"


@pytest.fixture
def w(client):
    client.schemas.create("raw", "main")
    sql(client, "CREATE TABLE main.raw.changes (userId INT, name STRING, city STRING, operation STRING, n INT)")
    sql(client, f"INSERT INTO main.raw.changes VALUES {CHANGES}")
    return client


def put(w, *rows):
    sql(w, f"INSERT INTO main.raw.changes VALUES {', '.join(rows)}")


def target(w):
    return sql(w, "SELECT * FROM main.gold.target ORDER BY ALL")


def metrics(server, id):
    done = [e for e in raw_events(server, id) if e["level"] == "METRICS" and e["event_type"] == "flow_progress"]
    return done[0]["details"]["flow_progress"]["metrics"]


def changed(w, server, id):
    assert run(w, id).state.value == "COMPLETED", [e for e in raw_events(server, id) if e["level"] == "ERROR"]
    return metrics(server, id)


def test_the_last_state_of_each_row(w, server):
    id = make(w, LAST.format(more=""))
    assert changed(w, server, id) == {"num_upserted_rows": 3, "num_deleted_rows": 0}
    assert target(w) == [["124", "Raul", "Oaxaca"], ["125", "Mercedes", "Guadalajara"], ["126", "Lily", "Cancun"]]
    # Of two changes at one place in the order the service takes any.
    put(w, "(123, 'Isabel', 'Leon', 'UPDATE', 6)")
    assert run(w, id).state.value == "FAILED"
    assert any("the same sequence value" in json.dumps(e) for e in raw_events(server, id)), raw_events(server, id)
    assert target(w)[0] == ["124", "Raul", "Oaxaca"]
    sql(w, "TRUNCATE TABLE main.raw.changes")
    put(w, "(1, 'a', 'b', 'INSERT', 1)")
    assert run(w, id, full_refresh=True).state.value == "COMPLETED"
    assert target(w) == [["1", "a", "b"]]


def test_updates_read_what_is_new_and_keep_tombstones(w, server):
    id = make(w, LAST.format(more=""))
    changed(w, server, id)
    put(w, "(123, 'Isabel', 'Leon', 'UPDATE', 4)", "(125, 'Mercedes', 'Leon', 'UPDATE', 3)", "(124, NULL, NULL, 'DELETE', 0)")
    assert changed(w, server, id) == {"num_upserted_rows": 0, "num_deleted_rows": 0}
    put(w, "(123, 'Isabel', 'Leon', 'INSERT', 7)", "(126, NULL, NULL, 'DELETE', 3)", "(125, 'Mercedes', 'Leon', 'UPDATE', 9)")
    assert changed(w, server, id) == {"num_upserted_rows": 2, "num_deleted_rows": 1}
    assert target(w) == [["123", "Isabel", "Leon"], ["124", "Raul", "Oaxaca"], ["125", "Mercedes", "Leon"]]
    # The same change once more.
    put(w, "(125, 'Mercedes', 'Leon', 'UPDATE', 9)")
    assert changed(w, server, id) == {"num_upserted_rows": 0, "num_deleted_rows": 0}
    assert changed(w, server, id) == {"num_upserted_rows": 0, "num_deleted_rows": 0}
    assert w.tables.get("main.gold.target").table_type.value == "STREAMING_TABLE"


def test_truncates_count_at_their_place(w, server):
    put(w, "(NULL, NULL, NULL, 'TRUNCATE', 3)")
    id = make(w, LAST.format(more="APPLY AS TRUNCATE WHEN operation = 'TRUNCATE'"))
    assert changed(w, server, id) == {"num_upserted_rows": 1, "num_deleted_rows": 0}
    assert target(w) == [["125", "Mercedes", "Guadalajara"]]
    put(w, "(7, 'late', 'x', 'INSERT', 2)", "(8, 'new', 'y', 'INSERT', 10)")
    assert changed(w, server, id) == {"num_upserted_rows": 1, "num_deleted_rows": 0}
    put(w, "(NULL, NULL, NULL, 'TRUNCATE', 9)")
    assert changed(w, server, id) == {"num_upserted_rows": 0, "num_deleted_rows": 1}
    assert target(w) == [["8", "new", "y"]]


def test_nulls_that_leave_what_was_there(w, server):
    id = make(w, LAST.format(more="").replace("KEYS (userId)", "KEYS (userId) IGNORE NULL UPDATES"))
    put(w, "(124, NULL, 'Leon', 'UPDATE', 4)", "(124, 'Ra', NULL, 'UPDATE', 3)")
    changed(w, server, id)
    put(w, "(124, 'R', 'too late', 'UPDATE', 2)", "(123, 'I', NULL, 'UPDATE', 7)")
    changed(w, server, id)
    assert target(w) == [["123", "I", None], ["124", "Ra", "Leon"], ["125", "Mercedes", "Guadalajara"], ["126", "Lily", "Cancun"]]


def test_the_history_of_each_row(w, server):
    id = make(w, HISTORY.format(tracks=""))
    assert changed(w, server, id) == {"num_upserted_rows": 7, "num_deleted_rows": 0}
    assert target(w) == [
        ["123", "Isabel", "Chihuahua", "5", "6"], ["123", "Isabel", "Monterrey", "1", "5"], ["124", "Raul", "Oaxaca", "1", None],
        ["125", "Mercedes", "Guadalajara", "6", None], ["125", "Mercedes", "Mexicali", "5", "6"], ["125", "Mercedes", "Tijuana", "2", "5"],
        ["126", "Lily", "Cancun", "2", None]]
    # Late changes divide what was there; one without a difference, and one that came already, do nothing.
    put(w, "(123, 'Isabel', 'Leon', 'UPDATE', 3)", "(124, NULL, NULL, 'DELETE', 4)", "(124, 'Raul', 'Leon', 'INSERT', 8)",
        "(126, 'Lily', 'Cancun', 'UPDATE', 4)", "(125, 'Mercedes', 'Mexicali', 'UPDATE', 5)")
    assert changed(w, server, id) == {"num_upserted_rows": 4, "num_deleted_rows": 0}
    assert target(w) == [
        ["123", "Isabel", "Chihuahua", "5", "6"], ["123", "Isabel", "Leon", "3", "5"], ["123", "Isabel", "Monterrey", "1", "3"],
        ["124", "Raul", "Leon", "8", None], ["124", "Raul", "Oaxaca", "1", "4"], ["125", "Mercedes", "Guadalajara", "6", None],
        ["125", "Mercedes", "Mexicali", "5", "6"], ["125", "Mercedes", "Tijuana", "2", "5"], ["126", "Lily", "Cancun", "2", None]]
    # What was no difference is one now.
    put(w, "(126, 'Lily', 'Leon', 'UPDATE', 3)")
    assert changed(w, server, id) == {"num_upserted_rows": 3, "num_deleted_rows": 0}
    assert [row for row in target(w) if row[0] == "126"] == [
        ["126", "Lily", "Cancun", "2", "3"], ["126", "Lily", "Cancun", "4", None], ["126", "Lily", "Leon", "3", "4"]]


def test_a_history_of_some_columns(w, server):
    id = make(w, HISTORY.format(tracks="TRACK HISTORY ON * EXCEPT (city)"))
    changed(w, server, id)
    assert target(w) == [["123", "Isabel", "Chihuahua", "1", "6"], ["124", "Raul", "Oaxaca", "1", None],
                         ["125", "Mercedes", "Guadalajara", "2", None], ["126", "Lily", "Cancun", "2", None]]
    put(w, "(126, 'Lily', 'Leon', 'UPDATE', 3)", "(124, 'Raoul', 'Oaxaca', 'UPDATE', 3)")
    changed(w, server, id)
    assert target(w)[1:] == [["124", "Raoul", "Oaxaca", "3", None], ["124", "Raul", "Oaxaca", "1", "3"],
                             ["125", "Mercedes", "Guadalajara", "2", None], ["126", "Lily", "Leon", "2", None]]


def test_a_table_and_its_flow_in_one_statement(w, server):
    made = "CREATE OR REFRESH STREAMING TABLE main.raw.state FLOW AUTO CDC " + FLOW.format(more="") + " STORED AS SCD TYPE 1"
    sql(w, made)
    assert sql(w, "SELECT city FROM main.raw.state ORDER BY userId") == [["Oaxaca"], ["Guadalajara"], ["Cancun"]]
    put(w, "(126, 'Lily', 'Leon', 'UPDATE', 3)")
    sql(w, "REFRESH STREAMING TABLE main.raw.state")
    assert sql(w, "SELECT city FROM main.raw.state ORDER BY userId") == [["Oaxaca"], ["Guadalajara"], ["Leon"]]
    # In a pipeline its flow is called as the table; what reads it comes behind it.
    id = make(w, made.replace("main.raw.state", "target") + "; CREATE MATERIALIZED VIEW cities AS SELECT count(city) AS n FROM target;")
    assert changed(w, server, id) == {"num_output_rows": 1}
    assert sql(w, "SELECT n FROM main.gold.cities") == [["3"]]
    flows = {e["origin"]["flow_name"]: e["details"]["flow_definition"] for e in raw_events(server, id) if e["event_type"] == "flow_definition"}
    assert flows["main.gold.target"]["flow_type"] == "CHANGE"
    assert flows["main.gold.cities"]["input_datasets"] == ["main.gold.target"] and flows["main.gold.cities"]["flow_type"] == "MATERIALIZED_VIEW"


def test_flows_of_two_sources_into_one_table(w, server):
    sql(w, "CREATE TABLE main.raw.other AS SELECT 124 AS userId, 'Raul' AS name, 'Leon' AS city, 'UPDATE' AS operation, 4 AS n")
    second = LAST.format(more="").split(";")[1].replace("FLOW flow", "FLOW second").replace("main.raw.changes", "main.raw.other")
    id = make(w, LAST.format(more="") + second + ";")
    changed(w, server, id)
    assert target(w)[0] == ["124", "Raul", "Leon"] and len(target(w)) == 3
    assert run(w, id, full_refresh=True).state.value == "COMPLETED"
    assert target(w)[0] == ["124", "Raul", "Leon"] and len(target(w)) == 3


def test_a_table_with_columns_of_its_own_and_a_change_feed(w, server):
    text = HISTORY.format(tracks="").replace("TABLE target;", "TABLE target (__START_AT INT, __END_AT INT, city STRING COMMENT 'where', userId INT, "
                                             "name STRING) TBLPROPERTIES (delta.enableChangeDataFeed = true);")
    id = make(w, text)
    changed(w, server, id)
    assert target(w)[1] == ["1", "5", "Monterrey", "123", "Isabel"]
    assert {c.name: c.comment for c in w.tables.get("main.gold.target").columns}["city"] == "where"
    put(w, "(126, 'Lily', 'Leon', 'UPDATE', 3)")
    changed(w, server, id)
    version = sql(w, "DESCRIBE HISTORY main.gold.target LIMIT 1")[0][0]
    feed = sql(w, f"SELECT _change_type, __START_AT, __END_AT FROM table_changes('main.gold.target', {version}) ORDER BY ALL")
    assert feed == [["insert", "3", None], ["update_postimage", "2", "3"], ["update_preimage", "2", None]]


BAD = [
    ("CREATE FLOW f AS AUTO CDC INTO t FROM main.raw.changes KEYS (userId) SEQUENCE BY n", "STREAMING_TABLE_QUERY_INVALID"),
    ("CREATE FLOW f AS AUTO CDC INTO t FROM STREAM main.raw.changes KEYS (nobody) SEQUENCE BY n", "AUTOCDC_KEY_NOT_IN_SELECTED_SCHEMA"),
    ("CREATE FLOW f AS AUTO CDC INTO t FROM STREAM main.raw.changes KEYS (userId) SEQUENCE BY n COLUMNS (name)", "AUTOCDC_KEY_NOT_IN_SELECTED_SCHEMA"),
    ("CREATE FLOW f AS AUTO CDC INTO t FROM STREAM main.raw.changes KEYS (userId) SEQUENCE BY n COLUMNS * EXCEPT (nobody)",
     "AUTOCDC_COLUMNS_NOT_FOUND_IN_SCHEMA"),
    ("CREATE FLOW f AS AUTO CDC INTO t FROM STREAM main.raw.changes KEYS (userId) SEQUENCE BY map(1, n)",
     "AUTOCDC_MICROBATCH_VALIDATION.NON_ORDERABLE_SEQUENCE"),
    ("CREATE FLOW f AS AUTO CDC INTO t FROM STREAM main.raw.changes KEYS (userId) SEQUENCE BY nullif(n, 6)",
     "AUTOCDC_MICROBATCH_VALIDATION.NULL_SEQUENCE"),
    ("CREATE FLOW f AS AUTO CDC INTO t FROM STREAM main.raw.changes KEYS (name) SEQUENCE BY n", "AUTOCDC_MICROBATCH_VALIDATION.NULL_KEY"),
    ("CREATE FLOW f AS AUTO CDC INTO t FROM STREAM main.raw.changes KEYS (userId) APPLY AS DELETE WHEN n SEQUENCE BY n", "FILTER_NOT_BOOLEAN"),
    ("CREATE FLOW f AS AUTO CDC INTO t FROM STREAM main.raw.changes KEYS (userId)", "PARSE_SYNTAX_ERROR"),
    ("CREATE FLOW f AS AUTO CDC INTO t FROM STREAM main.raw.changes KEYS (userId) SEQUENCE BY n STORED AS BITEMPORAL", "STORED AS BITEMPORAL"),
    ("CREATE FLOW f AS AUTO CDC INTO t FROM STREAM main.raw.changes KEYS (userId) SEQUENCE BY n; "
     "CREATE FLOW g AS INSERT INTO t BY NAME SELECT * FROM STREAM main.raw.changes", "AUTO CDC"),
]


@pytest.mark.parametrize("text, message", BAD)
def test_what_is_refused(w, server, text, message):
    id = make(w, f"CREATE OR REFRESH STREAMING TABLE t; {text};")
    assert run(w, id).state.value == "FAILED"
    assert any(message in json.dumps(e) for e in raw_events(server, id) if "error" in e), raw_events(server, id)


def test_kept_changes_end_with_other_keys(w, server):
    id = make(w, LAST.format(more=""))
    changed(w, server, id)
    put(w, "(9, 'nine', 'x', 'INSERT', 9)")
    notebook(w, "/orders", LAST.format(more="").replace("KEYS (userId)", "KEYS (userId, city)"))
    assert run(w, id).state.value == "FAILED"
    assert any("AUTOCDC_INVALID_STATE.KEY_SCHEMA_DRIFT" in json.dumps(e) for e in raw_events(server, id))
