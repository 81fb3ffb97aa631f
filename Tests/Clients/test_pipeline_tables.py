"""The tables behind streaming tables and materialized views: keys, layouts, comments, properties, masks and row filters."""

import json

import pytest

from test_pipelines import make, notebook, raw_events, run, sql, w  # noqa: F401: fixtures

SOURCE = """CREATE OR REFRESH STREAMING TABLE facts (
  id INT NOT NULL COMMENT 'the key', day STRING, amount INT MASK main.raw.none USING COLUMNS (id, 'x'), CONSTRAINT facts_day FOREIGN KEY (day) REFERENCES days,
  CONSTRAINT has_day EXPECT (day IS NOT NULL) ON VIOLATION DROP ROW
) PARTITIONED BY (day) COMMENT 'rows' TBLPROPERTIES ('quality' = 'silver') AS SELECT id, day, amount FROM STREAM main.raw.orders;
CREATE MATERIALIZED VIEW days (day STRING NOT NULL PRIMARY KEY RELY, n COMMENT 'how many', CONSTRAINT few EXPECT (n < 100)) CLUSTER BY (day, n)
  COMMENT 'names' TBLPROPERTIES ('quality' = 'gold') AS SELECT day, count(*) AS n FROM main.raw.orders WHERE day IS NOT NULL GROUP BY day;
CREATE OR REFRESH STREAMING TABLE kept (id INT, total INT, CONSTRAINT kept_key PRIMARY KEY (id)) CLUSTER BY (id) WITH ROW FILTER main.raw.mine ON (id);
CREATE FLOW keep AS AUTO CDC INTO kept FROM STREAM main.raw.orders KEYS (id) SEQUENCE BY coalesce(amount, 0) COLUMNS (id, total);
"""


@pytest.fixture
def tables(w):
    sql(w, "CREATE FUNCTION main.raw.none(amount INT, id INT, mark STRING) RETURN CASE WHEN id = 1 THEN 0 ELSE amount END")
    sql(w, "CREATE FUNCTION main.raw.mine(id INT) RETURN id < 100")
    sql(w, "ALTER TABLE main.raw.orders ADD COLUMN total INT")
    return make(w, SOURCE)


def done(w, server, id, **options):
    assert run(w, id, **options).state.value == "COMPLETED", [e for e in raw_events(server, id) if "error" in e]


def keys(w, name):
    return {c.primary_key_constraint.name if c.primary_key_constraint else c.foreign_key_constraint.name
            for c in w.tables.get(f"main.gold.{name}").table_constraints or []}


def detail(w, name):
    answer = sql(w, f"DESCRIBE DETAIL main.gold.{name}")[0]
    return answer[7], answer[8]


def test_the_tables_are_as_they_are_defined(w, server, tables):
    for _ in range(2):
        done(w, server, tables)
        facts, days = w.tables.get("main.gold.facts"), w.tables.get("main.gold.days")
        assert [(c.name, c.nullable, c.comment, c.partition_index) for c in facts.columns] == [
            ("id", False, "the key", None), ("day", True, None, 0), ("amount", True, None, None)]
        assert (facts.comment, facts.properties["quality"], facts.pipeline_id) == ("rows", "silver", tables)
        assert [(c.name, c.nullable, c.comment) for c in days.columns] == [("day", False, None), ("n", True, "how many")]
        assert (days.comment, days.properties["quality"]) == ("names", "gold")
        assert (keys(w, "facts"), keys(w, "days"), keys(w, "kept")) == ({"facts_day"}, {"days_pk"}, {"kept_key"})
        assert detail(w, "facts") == ('["day"]', "[]")
        assert (detail(w, "days"), detail(w, "kept")) == (("[]", '["day","n"]'), ("[]", '["id"]'))
        assert sql(w, "SELECT id, amount FROM main.gold.facts ORDER BY id") == [["1", "0"], ["2", "-5"], ["200", "1"]]
        assert sql(w, "SELECT id FROM main.gold.kept ORDER BY id") == [["1"], ["2"], ["3"]]
    done(w, server, tables, full_refresh=True)
    assert (keys(w, "facts"), keys(w, "kept")) == ({"facts_day"}, {"kept_key"})
    assert sql(w, "SELECT count(*) FROM main.gold.kept") == [["3"]]


def test_a_changed_statement(w, server, tables):
    done(w, server, tables)
    notebook(w, "/orders", SOURCE.replace("COMMENT 'rows'", "COMMENT 'all rows'").replace("facts_day FOREIGN", "other_key FOREIGN"))
    done(w, server, tables)
    assert keys(w, "facts") == {"other_key"} and w.tables.get("main.gold.facts").comment == "all rows"
    assert sql(w, "SELECT count(*) FROM main.gold.facts") == [["3"]]
    notebook(w, "/orders", SOURCE.replace("PARTITIONED BY (day)", "CLUSTER BY (day)"))
    assert run(w, tables).state.value == "FAILED"
    assert any("without a full refresh" in json.dumps(e) for e in raw_events(server, tables) if "error" in e)
    done(w, server, tables, full_refresh=True)
    assert detail(w, "facts") == ("[]", '["day"]')
    sql(w, "INSERT INTO main.raw.orders (id, amount, day) VALUES (NULL, 1, 'c')")
    assert run(w, tables, refresh_selection=["facts"]).state.value == "FAILED"
    assert any("NOT_NULL" in json.dumps(e) for e in raw_events(server, tables) if "error" in e)


def test_outside_of_pipelines(w):
    sql(w, "CREATE SCHEMA main.gold")
    sql(w, "CREATE MATERIALIZED VIEW main.gold.m (day NOT NULL, n BIGINT, CONSTRAINT m_key PRIMARY KEY (day)) PARTITIONED BY (day) AS "
           "SELECT day, count(*) FROM main.raw.orders WHERE day IS NOT NULL GROUP BY day")
    sql(w, "CREATE STREAMING TABLE main.gold.s (id INT COMMENT 'c') CLUSTER BY AUTO AS SELECT id FROM STREAM main.raw.orders")
    sql(w, "INSERT INTO main.raw.orders VALUES (9, 9, 'z')")
    sql(w, "USE SCHEMA main.raw")
    sql(w, "REFRESH MATERIALIZED VIEW main.gold.m")
    sql(w, "REFRESH STREAMING TABLE main.gold.s")
    assert sql(w, "SELECT * FROM main.gold.m ORDER BY day") == [["a", "3"], ["z", "1"]]
    assert keys(w, "m") == {"m_key"} and detail(w, "m")[0] == '["day"]'
    assert sql(w, "SELECT count(*) FROM main.gold.s") == [["5"]]


@pytest.mark.parametrize("text, message", [
    ("CREATE MATERIALIZED VIEW main.raw.x (n STRING) AS SELECT 1 AS n", "another type than its query"),
    ("CREATE MATERIALIZED VIEW main.raw.x (n, CONSTRAINT c CHECK (n > 0)) AS SELECT 1 AS n", "CHECK constraints of a materialized view"),
    ("CREATE STREAMING TABLE main.raw.x (n INT DEFAULT 1) AS SELECT id AS n FROM STREAM main.raw.orders", "default, generated and identity"),
    ("CREATE MATERIALIZED VIEW main.raw.x (n PRIMARY KEY, PRIMARY KEY (n)) AS SELECT 1 AS n", "PRIMARY_KEY"),
    ("CREATE MATERIALIZED VIEW main.raw.x PARTITIONED BY (other) AS SELECT 1 AS n", "other"),
    ("CREATE MATERIALIZED VIEW main.raw.x PARTITIONED BY (n) CLUSTER BY (n) AS SELECT 1 AS n", "DELTA_CLUSTER_BY_WITH_PARTITIONED_BY"),
])
def test_what_is_refused(w, text, message):
    assert message in sql(w, text, "FAILED")
