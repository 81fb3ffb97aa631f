"""Conditions that could fail see no row that a row filter hides, whatever the filter's plan is."""

FILTERS = {
    "comparison": "o = current_user()",
    "exists": "EXISTS (SELECT 1 FROM main.p.acl a WHERE a.who = current_user() AND a.owner = o)",
    "in": "o IN (SELECT a.owner FROM main.p.acl a)",
    "count": "(SELECT count(*) FROM main.p.acl a WHERE a.owner = o) > 0",
}

# Of the hidden rows one divides by zero, and every one would show a text.
QUERIES = {
    "SELECT id FROM main.p.t WHERE 10 / v > 1": [["1"]],
    "SELECT t.id FROM main.p.t t JOIN (SELECT 1 AS k) k ON 10 / t.v > k.k": [["1"]],
    "SELECT id FROM main.p.t LEFT JOIN main.p.acl a ON a.owner = t.owner WHERE 10 / v > 1": [["1"]],
    "SELECT id FROM main.p.t WHERE EXISTS (SELECT 1 FROM main.p.acl WHERE 10 / t.v > 1)": [["1"]],
    "SELECT max(10 / v) FROM main.p.t WHERE 10 / v > 0 GROUP BY v": [["10.0"]],
    "SELECT q FROM (SELECT 10 / v AS q FROM main.p.t) WHERE q > 1": [["10.0"]],
    "SELECT count(*) FROM main.p.t WHERE id > 1 AND raise_error(owner) IS NULL": [["0"]],
    "SELECT count(*) FROM main.p.t WHERE id > 1 AND main.p.tell(owner) = 1": [["0"]],
    "SELECT id FROM main.p.t WHERE id < 3": [["1"]],
}


def test_hidden_rows_make_no_errors(sql):
    sql("CREATE SCHEMA main.p")
    sql("CREATE TABLE main.p.acl AS SELECT 'admin@example.com' AS who, 'admin@example.com' AS owner")
    sql("CREATE TABLE main.p.t AS SELECT * FROM VALUES (1, 'admin@example.com', 1), (2, 'other', 0), (3, 'other', 7) AS t(id, owner, v)")
    sql("CREATE FUNCTION main.p.tell(o STRING) RETURNS INT RETURN raise_error(o)")
    for name, condition in FILTERS.items():
        sql(f"CREATE FUNCTION main.p.f_{name}(o STRING) RETURNS BOOLEAN RETURN {condition}")
        sql(f"ALTER TABLE main.p.t SET ROW FILTER main.p.f_{name} ON (owner)")
        for query, rows in QUERIES.items():
            assert sql(query) == rows, (name, query)


def test_a_mask_hides_from_conditions(sql):
    sql("CREATE SCHEMA main.p")
    sql("CREATE TABLE main.p.t AS SELECT * FROM VALUES (1, 0), (2, 7) AS t(id, v)")
    sql("CREATE FUNCTION main.p.m(v INT) RETURNS INT RETURN CASE WHEN is_account_group_member('nobody') THEN v ELSE 5 END")
    sql("ALTER TABLE main.p.t ALTER COLUMN v SET MASK main.p.m")
    assert sql("SELECT id FROM main.p.t WHERE v = 7") == []
    assert sql("SELECT id FROM main.p.t WHERE 10 / v = 2 ORDER BY id") == [["1"], ["2"]]
