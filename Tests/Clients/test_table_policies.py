"""Row filters and column masks that CREATE TABLE gives: in force from the first read on."""

import pytest
from databricks.sdk.service.iam import ComplexValue

from conftest import run_sql, workspace_client


@pytest.fixture
def fails(client, warehouse_id):
    def fails(statement, by=client):
        answer = by.statement_execution.execute_statement(statement=statement, warehouse_id=warehouse_id)
        assert answer.status.state.value == "FAILED", statement
        return answer.status.error.message

    return fails


@pytest.fixture
def functions(sql):
    sql("CREATE SCHEMA main.f")
    sql("CREATE FUNCTION main.f.mine(c STRING) RETURNS BOOLEAN RETURN c = 'DE'")
    sql("CREATE FUNCTION main.f.hide(s INT, n STRING) RETURNS INT RETURN CASE WHEN n = 'Ann' THEN s ELSE -1 END")
    sql("CREATE FUNCTION main.f.stars(s STRING, keep INT) RETURNS STRING RETURN rpad(left(s, keep), length(s), '*')")


def test_filter_and_masks(client, sql, functions):
    sql("""CREATE TABLE main.f.pay (id INT, name STRING MASK main.f.stars USING COLUMNS (1), salary INT MASK main.f.hide USING COLUMNS (name), country STRING)
           WITH ROW FILTER main.f.mine ON (country)""")
    assert sql("SELECT * FROM main.f.pay") == []
    sql("INSERT INTO main.f.pay VALUES (1, 'Ann', 100, 'DE'), (2, 'Bob', 200, 'US'), (3, 'Cy', 300, 'DE')")
    assert sql("SELECT * FROM main.f.pay ORDER BY id") == [["1", "A**", "100", "DE"], ["3", "C*", "-1", "DE"]]
    table = client.tables.get("main.f.pay")
    assert table.row_filter.as_dict() == {"function_name": "main.f.mine", "input_column_names": ["country"]}
    masks = {c.name: (c.mask.function_name, c.mask.using_column_names) for c in table.columns if c.mask}
    assert masks == {"name": ("main.f.stars", []), "salary": ("main.f.hide", ["name"])}
    assert sql("SELECT column_name, mask_name FROM main.information_schema.column_masks ORDER BY 1") == [["name", "stars"], ["salary", "hide"]]
    sql("ALTER TABLE main.f.pay DROP ROW FILTER")
    assert sql("SELECT count(*) FROM main.f.pay") == [["3"]]


def test_a_query_with_a_filter_and_a_partition_with_a_mask(sql, functions):
    sql("CREATE TABLE main.f.c WITH ROW FILTER main.f.mine ON (k) AS SELECT * FROM VALUES (1, 'DE'), (2, 'US') AS t(id, k)")
    assert sql("SELECT id FROM main.f.c") == [["1"]]
    sql("CREATE TABLE main.f.p (id INT, k STRING MASK main.f.stars USING COLUMNS (1)) PARTITIONED BY (k)")
    sql("INSERT INTO main.f.p VALUES (1, 'DE')")
    assert sql("SELECT * FROM main.f.p") == [["1", "D*"]]


def test_a_replaced_table_keeps_its_policies(sql, functions):
    sql("CREATE TABLE main.f.r (id INT, k STRING) WITH ROW FILTER main.f.mine ON (k)")
    sql("CREATE OR REPLACE TABLE main.f.r (id INT, k STRING)")
    sql("INSERT INTO main.f.r VALUES (1, 'DE'), (2, 'US')")
    assert sql("SELECT id FROM main.f.r") == [["1"]]
    sql("CREATE OR REPLACE TABLE main.f.r (id INT, k STRING MASK main.f.stars USING COLUMNS (1))")
    sql("INSERT INTO main.f.r VALUES (1, 'DE'), (2, 'US')")
    assert sql("SELECT * FROM main.f.r") == [["1", "D*"]]


def test_refusals_leave_no_table(client, sql, functions, fails):
    for columns, rest in [
        ("id INT", "WITH ROW FILTER main.f.nosuch ON (id)"), ("id INT", "WITH ROW FILTER main.f.mine ON (other)"),
        ("id INT", "WITH ROW FILTER main.f.mine ON (id, id)"), ("id INT MASK main.f.nosuch", ""), ("id INT MASK main.f.hide USING COLUMNS (zz)", ""),
        ("id STRING MASK main.f.stars", ""), ("id STRING MASK main.f.hide USING COLUMNS (id)", ""),
    ]:
        assert fails(f"CREATE TABLE main.f.x ({columns}) {rest}")
        assert [t.name for t in client.tables.list("main", "f")] == []
    assert "SAME_AS_TARGET_COLUMN" in fails("CREATE TABLE main.f.x (id STRING MASK main.f.hide USING COLUMNS (id))")
    assert fails("CREATE MATERIALIZED VIEW main.f.x WITH ROW FILTER main.f.nosuch ON (k) AS SELECT 'DE' AS k")
    assert [t.name for t in client.tables.list("main", "f")] == []


def test_execute_on_the_function_is_needed(server, client, sql, functions, fails, warehouse_id):
    robot = client.service_principals.create(display_name="robot")
    secret = client.service_principal_secrets_proxy.create(service_principal_id=robot.id)
    who = workspace_client(server, client_id=robot.application_id, client_secret=secret.secret)
    client.groups.create(display_name="makers", members=[ComplexValue(value=robot.id)])
    sql("GRANT USE SCHEMA, CREATE TABLE ON SCHEMA main.f TO makers")
    statement = "CREATE TABLE main.f.mine_own (k STRING) WITH ROW FILTER main.f.mine ON (k)"
    assert "EXECUTE on Function 'main.f.mine'" in fails(statement, by=who)
    sql("GRANT EXECUTE ON FUNCTION main.f.mine TO makers")
    run_sql(who, statement, warehouse_id)
    run_sql(who, "INSERT INTO main.f.mine_own VALUES ('US'), ('DE')", warehouse_id)
    assert run_sql(who, "SELECT * FROM main.f.mine_own", warehouse_id) == [["DE"]]


@pytest.fixture
def pay(sql, functions):
    sql("""CREATE TABLE main.f.pay (id INT, name STRING MASK main.f.stars USING COLUMNS (1), salary INT MASK main.f.hide USING COLUMNS (name), country STRING)
           WITH ROW FILTER main.f.mine ON (country)""")
    sql("INSERT INTO main.f.pay VALUES (1, 'Ann', 100, 'DE'), (2, 'Bob', 200, 'US'), (3, 'Cy', 300, 'DE')")

    def stored():
        """The table as it is, without its policies, which are put back."""
        sql("ALTER TABLE main.f.pay DROP ROW FILTER")
        sql("ALTER TABLE main.f.pay ALTER COLUMN name DROP MASK")
        sql("ALTER TABLE main.f.pay ALTER COLUMN salary DROP MASK")
        rows = sql("SELECT * FROM main.f.pay ORDER BY id")
        sql("ALTER TABLE main.f.pay SET ROW FILTER main.f.mine ON (country)")
        sql("ALTER TABLE main.f.pay ALTER COLUMN name SET MASK main.f.stars USING COLUMNS (1)")
        sql("ALTER TABLE main.f.pay ALTER COLUMN salary SET MASK main.f.hide USING COLUMNS (name)")
        return rows

    return stored


def test_delete_touches_what_is_seen(sql, pay):
    # Nobody sees a salary of 300: Cy's is masked.
    assert sql("DELETE FROM main.f.pay WHERE salary = 300") == [["0"]]
    assert sql("DELETE FROM main.f.pay WHERE name = 'C*'") == [["1"]]
    assert sql("DELETE FROM main.f.pay") == [["1"]]
    assert pay() == [["2", "Bob", "200", "US"]]


def test_update_keeps_what_is_not_assigned(sql, pay):
    assert sql("UPDATE main.f.pay SET id = id + 10") == [["2"]]
    assert pay() == [["2", "Bob", "200", "US"], ["11", "Ann", "100", "DE"], ["13", "Cy", "300", "DE"]]
    # What an assignment reads is what the caller sees.
    assert sql("UPDATE main.f.pay SET salary = salary * 2, country = name WHERE id = 13") == [["1"]]
    assert pay() == [["2", "Bob", "200", "US"], ["11", "Ann", "100", "DE"], ["13", "Cy", "-2", "C*"]]


def test_hidden_rows_make_no_errors(sql, pay):
    assert sql("UPDATE main.f.pay SET id = 7 WHERE 10 / (id - 2) > 5") == [["1"]]
    assert sql("DELETE FROM main.f.pay WHERE id = 2 AND raise_error(country) IS NULL") == [["0"]]


def test_merge_matches_what_is_seen(sql, pay):
    sql("CREATE TABLE main.f.new AS SELECT * FROM VALUES (1, 'Ann', 111, 'DE'), (2, 'Eve', 222, 'DE'), (3, 'Cy', 333, 'DE') AS t(id, name, salary, country)")
    answer = sql("""MERGE INTO main.f.pay t USING main.f.new s ON t.id = s.id WHEN MATCHED AND t.id = 3 THEN UPDATE SET country = 'AT'
                    WHEN MATCHED THEN UPDATE SET salary = s.salary WHEN NOT MATCHED THEN INSERT *""")
    assert answer == [["3", "2", "0", "1"]]
    assert sorted(pay()) == [["1", "Ann", "111", "DE"], ["2", "Bob", "200", "US"], ["2", "Eve", "222", "DE"], ["3", "Cy", "300", "AT"]]


def test_replaced_rows_are_those_that_are_seen(sql, pay):
    sql("INSERT INTO main.f.pay REPLACE WHERE id > 1 VALUES (5, 'Flo', 5, 'DE')")
    assert pay() == [["1", "Ann", "100", "DE"], ["2", "Bob", "200", "US"], ["5", "Flo", "5", "DE"]]


def test_merge_takes_simple_policies_alone(sql, functions, fails):
    sql("CREATE TABLE main.f.acl AS SELECT 'DE' AS c")
    sql("CREATE FUNCTION main.f.listed(c STRING) RETURNS BOOLEAN RETURN c IN (SELECT a.c FROM main.f.acl a)")
    sql("CREATE TABLE main.f.t (id INT, c STRING) WITH ROW FILTER main.f.listed ON (c)")
    sql("INSERT INTO main.f.t VALUES (1, 'DE'), (2, 'US')")
    assert "MERGE INTO a table whose row filter" in fails("MERGE INTO main.f.t t USING main.f.acl s ON t.c = s.c WHEN MATCHED THEN DELETE")
    assert sql("DELETE FROM main.f.t") == [["1"]]
