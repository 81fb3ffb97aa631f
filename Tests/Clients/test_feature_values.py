"""Values of declared features: backfill and materialization on the virtual clock, with values computed by hand."""

import pytest
from databricks.sdk.errors import DatabricksError, InvalidParameterValue
from databricks.sdk.service import ml

from test_feature_serving import SPECS, ask, serve
from test_feature_store import refused, shared_server, store  # noqa: F401: fixtures

API = "/api/2.0/feature-engineering/"


@pytest.fixture
def events(client, sql):
    """Purchases of two users before 2026-01-01 00:00 UTC, when the clock begins."""
    sql("CREATE SCHEMA main.ml")
    sql("CREATE TABLE main.ml.events (user_id BIGINT, ts TIMESTAMP, amount DOUBLE, city STRING)")
    sql("INSERT INTO main.ml.events VALUES (1, '2025-12-28T10:00:00', 10, 'Rome'), (1, '2025-12-29T12:00:00', 20, 'Oslo'),"
        " (1, '2025-12-30T00:00:00', 5, 'Bern'), (1, '2025-12-31T23:59:59', 7, NULL), (2, '2025-12-30T06:00:00', 100, 'Rome')")
    return "main.ml.events"


@pytest.fixture
def declare(client, events):
    def declare(name, function, window=None, source=None, **more):
        body = {
            "full_name": "main.ml." + name, "source": {"delta_table_source": {"full_name": events, **(source or {})}, **more},
            "function": {"aggregation_function": {**function, "time_window": window}} if window else function,
            "entities": [{"name": "user_id"}], "timeseries_column": {"name": "ts"}}
        client.api_client.do("POST", API + "features", body=body)
        return body["full_name"]

    return declare


@pytest.fixture
def materialize(client):
    def materialize(feature, online=False, **schedule):
        place = {"catalog_name": "main", "schema_name": "ml", "table_name_prefix": "m"}
        body = {"feature_name": feature, **schedule}
        body["online_store_config" if online else "offline_store_config"] = {**place, **({"online_store_name": "os1"} if online else {})}
        return client.api_client.do("POST", API + "materialized-features", body=body)

    return materialize


@pytest.fixture
def rows(sql):
    def rows(made, name):
        found = sql(f"SELECT user_id, date_format(ts, 'MM-dd HH'), {name} FROM {made['table_name']} ORDER BY ts, user_id")
        return [(int(user), when, value) for user, when, value in found]

    return rows


DAY = "86400s"
TUMBLING = {"tumbling": {"window_duration": DAY}}
ALL = {"start_time": "2025-12-01T00:00:00Z"}


def test_windows_that_tumble(client, declare, materialize, rows):
    made = materialize(declare("total", {"sum": {"input": "amount"}}, TUMBLING))
    # Without a start time the first window that is given out ends a whole day after the first row. A window has its start and not its end.
    assert rows(made, "total") == [(1, "12-30 00", "20.0"), (1, "12-31 00", "5.0"), (2, "12-31 00", "100.0"), (1, "01-01 00", "7.0")]
    assert (made["pipeline_schedule_state"], made["last_materialization_time"]) == ("SNAPSHOT", "2026-01-01T00:00:00Z")
    early = materialize(declare("early", {"sum": {"input": "amount"}}, {**TUMBLING, **ALL}))
    assert rows(early, "early")[0] == (1, "12-29 00", "10.0")
    shifted = materialize(declare(
        "shifted", {"max": {"input": "amount"}}, {"tumbling": {"window_duration": DAY, "offset": "21600s"}, "start_time": "2025-12-30T06:00:00Z"}))
    # Of the days that begin at six: the row at six belongs to the next window, and the last window is not over yet.
    assert rows(shifted, "shifted") == [(1, "12-30 06", "20.0"), (2, "12-31 06", "100.0")]


def test_windows_that_slide(client, declare, materialize, rows):
    two = {"sliding": {"window_duration": "172800s", "slide_duration": DAY}}
    count = materialize(declare("n", {"count_function": {"input": "amount"}}, {**two, "start_time": "2025-12-29T00:00:00Z"}))
    assert rows(count, "n") == [
        (1, "12-29 00", "1"), (1, "12-30 00", "2"), (1, "12-31 00", "2"), (2, "12-31 00", "1"), (1, "01-01 00", "2"), (2, "01-01 00", "1")]
    late = materialize(declare("late", {"count_function": {"input": "amount"}}, two))
    assert [r[1] for r in rows(late, "late")] == ["12-31 00", "12-31 00", "01-01 00", "01-01 00"], "once two whole days are there"
    life = {"sliding": {"slide_duration": DAY, "offset": "21600s"}}
    last = materialize(declare("last_city", {"last": {"input": "city"}}, life))
    assert rows(last, "last_city") == [(1, "12-29 06", "Rome"), (1, "12-30 06", "Bern"), (1, "12-31 06", "Bern"), (2, "12-31 06", "Rome")]
    first = materialize(declare("two_first", {"first_n": {"input": "amount", "n": 2}}, life))
    assert rows(first, "to_json(two_first)")[2:] == [(1, "12-31 06", "[10.0,20.0]"), (2, "12-31 06", "[100.0]")]
    newest = materialize(declare("two_last", {"last_n": {"input": "amount", "n": 2}}, life))
    assert rows(newest, "to_json(two_last)")[2] == (1, "12-31 06", "[20.0,5.0]")


def test_sources_and_functions(client, declare, materialize, rows):
    def value(name, function, **more):
        made = materialize(declare(name, function, {"sliding": {"slide_duration": DAY}, **ALL}, **more))
        return {user: found for user, when, found in rows(made, name) if when == "01-01 00"}

    assert value("f1", {"sum": {"input": "amount"}}, source={"filter_condition": "city = 'Rome'"}) == {1: "10.0", 2: "100.0"}
    schema = '{"type":"struct","fields":[{"name":"user_id"},{"name":"ts"},{"name":"twice"}]}'
    assert value("f2", {"min": {"input": "twice"}}, source={
        "transformation_sql": "*, amount * 2 AS twice -- doubled", "dataframe_schema": schema}) == {1: "10.0", 2: "200.0"}
    assert value("f3", {"avg": {"input": "amount"}}) == {1: "10.5", 2: "100.0"}
    assert value("f4", {"var_pop": {"input": "amount"}}) == {1: "33.25", 2: "0.0"}
    assert value("f5", {"stddev_samp": {"input": "amount"}})[2] is None
    assert value("f6", {"approx_count_distinct": {"input": "city"}}) == {1: "3", 2: "1"}
    assert value("f7", {"approx_percentile": {"input": "amount", "percentile": 0.5}}) == {1: "7.0", 2: "100.0"}
    assert value("f8", {"first_distinct": {"input": "city", "n": 2}}) == {1: '["Rome","Oslo"]', 2: '["Rome"]'}
    # A source that settles for a day has no complete window of the last one.
    made = materialize(declare("settled", {"sum": {"input": "amount"}}, TUMBLING, lateness={"settling_delay": DAY}))
    assert [r[1] for r in rows(made, "settled")] == ["12-30 00", "12-31 00", "12-31 00"]


def test_schedules_and_backfill(server, client, sql, declare, materialize, rows):
    total = declare("total", {"sum": {"input": "amount"}}, TUMBLING)
    made = materialize(total, cron_schedule_trigger={"cron_expression": "0 1 * * *"})
    paused = materialize(total, cron_schedule="0 0 1 * * ?", pipeline_schedule_state="PAUSED")
    assert rows(made, "total") == [] and "last_materialization_time" not in made

    def later(time):
        assert server.control("POST", "clock", {"advance": time}).status == 200

    def state(one=made):
        return client.feature_engineering.get_materialized_feature(one["materialized_feature_id"])

    later("2h")
    before = [(1, "12-30 00", "20.0"), (1, "12-31 00", "5.0"), (2, "12-31 00", "100.0"), (1, "01-01 00", "7.0")]
    assert rows(made, "total") == before and state().last_materialization_time == "2026-01-01T01:00:00Z"
    sql("INSERT INTO main.ml.events VALUES (2, '2025-12-31T12:00:00', 1, NULL), (1, '2026-01-01T05:00:00', 3, NULL)")
    later("24h")
    # Windows that were computed stay as they are; rows that came late are seen by a backfill.
    assert rows(made, "total") == before + [(1, "01-02 00", "3.0")] and state().last_materialization_time == "2026-01-02T01:00:00Z"
    assert rows(paused, "total") == [] and state(paused).last_materialization_time is None
    request = {"feature_full_names": [total], "request_id": "r", "backfill_ranges": [
        {"start_time": "2025-12-31T00:00:00Z", "end_time": "2026-01-02T00:00:00Z"}]}
    done = client.api_client.do("POST", API + "features:backfill", body=request)
    assert done["done"] and done["metadata"]["state"] == "SUCCEEDED"
    assert client.api_client.do("POST", API + "features:backfill", body=request) == done
    assert rows(made, "total") == before + [(2, "01-01 00", "1.0"), (1, "01-02 00", "3.0")]
    assert state().latest_backfill_operation == done["name"]
    assert rows(paused, "total") == [(1, "12-31 00", "5.0"), (2, "12-31 00", "100.0"), (1, "01-01 00", "7.0"), (2, "01-01 00", "1.0")]
    sql("CREATE TABLE main.ml.gone AS SELECT 2L AS user_id")
    purged = client.api_client.do("POST", API + "features:purgeFeatureEntities", body={"features": [total], "entities_table": "main.ml.gone"})
    assert purged["response"]["results"] == [{"feature": total, "offline_state": "SUCCEEDED", "online_state": "NOT_APPLICABLE"}]
    assert {r[0] for r in rows(made, "total")} == {1}
    client.feature_engineering.delete_materialized_feature(made["materialized_feature_id"])
    later("24h")
    assert len(rows(made, "total")) == 4, "the table stays, and nobody writes to it"


def test_updates_of_the_source_begin_a_run(server, client, sql, declare, materialize, rows):
    made = materialize(declare("total", {"sum": {"input": "amount"}}, TUMBLING), table_trigger={"wait_after_last_change": "120s"})

    def later(time):
        assert server.control("POST", "clock", {"advance": time}).status == 200

    later("10m")
    assert rows(made, "total") == [], "what is there at the beginning is no update"
    sql("INSERT INTO main.ml.events VALUES (2, '2025-12-31T12:00:00', 1, NULL)")
    later("1m")
    assert rows(made, "total") == []
    later("3m")
    assert rows(made, "total")[-1] == (2, "01-01 00", "1.0")


def test_online_values_are_looked_up(server, client, sql, fails, declare, materialize, store):
    names = [declare("total", {"sum": {"input": "amount"}}, TUMBLING), declare("n", {"count_function": {"input": "amount"}}, TUMBLING),
             declare("city", {"column_selection": {"column": "city"}})]
    refused(InvalidParameterValue, "online stores alone", materialize, names[2])
    client.api_client.do("POST", SPECS, body={
        "name": "main.ml.spec", "features": [{"declarative_feature": {"feature": name}} for name in names]})
    refused(InvalidParameterValue, "materialize it", serve, client)
    made = [materialize(name, online=True, table_trigger={}) for name in names[:2]] + [materialize(names[2], online=True)]
    assert [one["is_online"] for one in made] == [True] * 3

    def later(time):
        assert server.control("POST", "clock", {"advance": time}).status == 200

    later("1m")
    sql("INSERT INTO main.ml.events VALUES (3, '2025-12-31T12:00:00', 1, 'Kyiv')")
    later("1m")
    serve(client)
    assert ask(client, {"user_id": 1}, {"user_id": 2}, {"user_id": 3}) == [
        {"user_id": 1, "total": 7.0, "n": 1, "city": None}, {"user_id": 2, "total": None, "n": 0, "city": "Rome"},
        {"user_id": 3, "total": 1.0, "n": 1, "city": None}], "the last window alone; the city was taken before the third user came"
    assert "UNSUPPORTED_FEATURE" in fails(f"SELECT * FROM {made[1]['table_name']}")
    assert [(c.name, c.type_name.value) for c in client.tables.get(made[1]["table_name"]).columns] == [("user_id", "LONG"), ("n", "LONG")]
    sql("CREATE TABLE main.ml.gone AS SELECT 3L AS user_id")
    client.api_client.do("POST", API + "features:purgeFeatureEntities", body={"features": names, "entities_table": "main.ml.gone"})
    assert ask(client, {"user_id": 3}) == [{"user_id": 3, "total": None, "n": 0, "city": None}]
    for one in made:
        client.feature_engineering.delete_materialized_feature(one["materialized_feature_id"])
    client.feature_store.delete_online_store("os1")


def test_what_is_not_computed_is_refused_or_kept(client, declare, materialize, sql):
    rolling = declare("rolling", {"sum": {"input": "amount"}}, {"rolling": {"window_duration": DAY}})
    assert "table_name" not in materialize(rolling)
    refused(DatabricksError, "not simulated", client.api_client.do, "POST", API + "features:backfill", body={
        "feature_full_names": [rolling], "backfill_ranges": [{"end_time": "2026-01-01T00:00:00Z"}]})
    total = declare("total", {"sum": {"input": "city"}}, TUMBLING)
    refused(DatabricksError, "DERIVED", materialize, total, cron_schedule_trigger={"mode": "DERIVED"})
    refused(InvalidParameterValue, "cron", materialize, total, cron_schedule="every day")
    bad = declare("bad", {"max": {"input": "amount"}}, TUMBLING, source={"filter_condition": "nope > 1"})
    refused(DatabricksError, "nope", materialize, bad)
    assert list(client.feature_engineering.list_materialized_features(feature_name=bad)) == []
    assert [t.name for t in client.tables.list("main", "ml")] == ["events"]
