"""The Feature Store: online stores and published tables, declared features and their materialization, tags and lineage, by the SDK."""

import pytest
from databricks.sdk.errors import BadRequest, DatabricksError, InvalidParameterValue, NotFound, PermissionDenied, ResourceAlreadyExists
from databricks.sdk.service import ml

from conftest import workspace_client


@pytest.fixture(scope="module")
def shared_server(virtual_server):
    return virtual_server


@pytest.fixture
def users(client, sql):
    """A feature table with a time series: two versions of user 1, one of user 2."""
    sql("CREATE SCHEMA main.ml")
    sql("CREATE TABLE main.ml.users (user_id BIGINT NOT NULL, ts TIMESTAMP NOT NULL, age INT, ltv DOUBLE, city STRING,"
        " CONSTRAINT users_pk PRIMARY KEY (user_id, ts TIMESERIES)) TBLPROPERTIES (delta.enableChangeDataFeed = true)")
    sql("INSERT INTO main.ml.users VALUES (1, '2026-01-01T00:00:00', 30, 1.5, 'Rome'), (1, '2026-01-03T00:00:00', 31, 2.5, 'Oslo'),"
        " (2, '2026-01-02T00:00:00', 40, NULL, 'Bern')")
    return "main.ml.users"


@pytest.fixture
def store(client):
    return client.feature_store.create_online_store(ml.OnlineStore(name="os1", capacity="CU_1"))


@pytest.fixture
def stranger(server, client):
    principal = client.service_principals.create(display_name="stranger")
    token = client.token_management.create_obo_token(principal.application_id, lifetime_seconds=3600).token_value
    return workspace_client(server, token=token)


def publish(client, source, online="main.ml.users_online", store="os1", mode=ml.PublishSpecPublishMode.SNAPSHOT):
    return client.feature_store.publish_table(
        source, ml.PublishSpec(online_store=store, online_table_name=online, publish_mode=mode))


def refused(kind, text, call, *arguments, **options):
    with pytest.raises(kind) as caught:
        call(*arguments, **options)
    assert text in str(caught.value)


def test_an_online_store(client, store, stranger):
    assert (store.state, store.capacity, store.read_replica_count) == (ml.OnlineStoreState.AVAILABLE, "CU_1", 0)
    assert (store.creator, store.creation_time) == ("admin@example.com", "2026-01-01T00:00:00Z")
    api = client.feature_store
    assert api.get_online_store("os1") == store
    changed = api.update_online_store("os1", ml.OnlineStore(name="os1", capacity="CU_4", read_replica_count=2), update_mask="capacity")
    assert (changed.capacity, changed.read_replica_count) == ("CU_4", 0)
    api.create_online_store(ml.OnlineStore(name="os2", capacity="CU_2", read_replica_count=1))
    assert [(s.name, s.read_replica_count) for s in api.list_online_stores(page_size=1)] == [("os1", 0), ("os2", 1)]
    refused(ResourceAlreadyExists, "os1", api.create_online_store, ml.OnlineStore(name="os1", capacity="CU_1"))
    for name, capacity, replicas in (("a_b", "CU_1", 0), ("x", "CU_3", 0), ("x", "CU_1", -1), ("", "CU_1", 0)):
        with pytest.raises(InvalidParameterValue):
            api.create_online_store(ml.OnlineStore(name=name, capacity=capacity, read_replica_count=replicas))
    refused(InvalidParameterValue, "nope", api.update_online_store, "os1", ml.OnlineStore(name="os1", capacity="CU_1"), update_mask="nope")
    assert stranger.feature_store.get_online_store("os1").name == "os1"
    refused(PermissionDenied, "os1", stranger.feature_store.delete_online_store, "os1")
    api.delete_online_store("os2")
    refused(NotFound, "os2", api.get_online_store, "os2")


def test_a_published_table(client, sql, users, store, stranger):
    done = publish(client, users)
    assert done.online_table_name == "main.ml.users_online" and len(done.pipeline_id) == 36
    shown = client.tables.get("main.ml.users_online")
    assert shown.table_type.value == "FOREIGN" and [c.name for c in shown.columns] == ["user_id", "ts", "age", "ltv", "city"]
    assert publish(client, users).pipeline_id == done.pipeline_id
    assert publish(client, users, mode=ml.PublishSpecPublishMode.CONTINUOUS).pipeline_id == done.pipeline_id
    sql("CREATE TABLE main.ml.plain (id INT)")
    refused(InvalidParameterValue, "primary key", publish, client, "main.ml.plain", "main.ml.x")
    sql("CREATE TABLE main.ml.keyed (id INT NOT NULL, CONSTRAINT k PRIMARY KEY (id))")
    refused(InvalidParameterValue, "delta.enableChangeDataFeed", publish, client, "main.ml.keyed", "main.ml.x",
            mode=ml.PublishSpecPublishMode.TRIGGERED)
    refused(DatabricksError, "already exists", publish, client, "main.ml.keyed", "main.ml.users_online")
    refused(DatabricksError, "already exists", publish, client, "main.ml.keyed", "main.ml.plain")
    refused(NotFound, "nowhere", publish, client, users, "main.ml.x", store="nowhere")
    refused(DatabricksError, "gone", publish, client, "main.ml.gone", "main.ml.x")
    refused(PermissionDenied, "", publish, stranger, users, "main.ml.x")
    for name in ("main.ml.x", "main.ml.gone"):
        with pytest.raises(NotFound):
            client.tables.get(name)
    refused(BadRequest, "main.ml.users_online", client.feature_store.delete_online_store, "os1")
    refused(NotFound, "main.ml.users", client.feature_store.delete_online_table, "main.ml.users")
    client.feature_store.delete_online_table("main.ml.users_online")
    refused(NotFound, "users_online", client.feature_store.delete_online_table, "main.ml.users_online")
    publish(client, users)
    sql("DROP TABLE main.ml.users_online")
    client.feature_store.delete_online_store("os1")


def declared(name="main.ml.total", column="ltv", **changes):
    fields = {
        "full_name": name, "source": ml.DataSource(delta_table_source=ml.DeltaTableSource(full_name="main.ml.users")),
        "function": ml.Function(aggregation_function=ml.AggregationFunction(sum=ml.SumFunction(input=column))),
        "entities": [ml.EntityColumn(name="user_id")], "timeseries_column": ml.TimeseriesColumn(name="ts"),
        "time_window": ml.TimeWindow(continuous=ml.ContinuousWindow(window_duration="604800s")), "description": "of a week",
    }
    return ml.Feature(**{**fields, **changes})


def test_declared_features(client, users, stranger):
    api = client.feature_engineering
    made = api.create_feature(declared())
    assert (made.full_name, made.catalog_name, made.schema_name, made.name) == ("main.ml.total", "main", "ml", "total")
    assert made.created_by == "admin@example.com" and made.function.aggregation_function.sum.input == "ltv"
    assert api.get_feature("main.ml.total") == made
    api.create_feature(declared("main.ml.age", function=ml.Function(column_selection=ml.ColumnSelection(column="AGE"))))
    assert [f.name for f in api.list_features("main", "ml", page_size=1)] == ["total", "age"]
    changed = api.update_feature("main.ml.total", declared(description="other"), update_mask="description")
    assert changed.description == "other" and api.get_feature("main.ml.total") == changed
    refused(InvalidParameterValue, "source", api.update_feature, "main.ml.total", declared(), update_mask="source")
    refused(ResourceAlreadyExists, "main.ml.total", api.create_feature, declared())
    refused(InvalidParameterValue, "nope", api.create_feature, declared("main.ml.x", "nope"))
    refused(InvalidParameterValue, "Exactly one", api.create_feature, declared("main.ml.x", source=ml.DataSource()))
    refused(InvalidParameterValue, "Exactly one", api.create_feature, declared("main.ml.x", function=ml.Function()))
    refused(InvalidParameterValue, "entities", api.create_feature, declared("main.ml.x", entities=[]))
    refused(InvalidParameterValue, "-5s", api.create_feature, declared(
        "main.ml.x", time_window=ml.TimeWindow(continuous=ml.ContinuousWindow(window_duration="-5s"))))
    refused(DatabricksError, "main.ml.gone", api.create_feature, declared(
        "main.ml.x", source=ml.DataSource(delta_table_source=ml.DeltaTableSource(full_name="main.ml.gone"))))
    refused(PermissionDenied, "", stranger.feature_engineering.get_feature, "main.ml.total")
    refused(PermissionDenied, "", stranger.feature_engineering.create_feature, declared("main.ml.y"))
    refused(NotFound, "main.ml.x", api.get_feature, "main.ml.x")
    api.delete_feature("main.ml.total")
    refused(NotFound, "main.ml.total", api.get_feature, "main.ml.total")
    client.tables.delete("main.ml.users")
    client.schemas.delete("main.ml")
    client.schemas.create("ml", "main")
    assert list(api.list_features("main", "ml")) == []


def test_materialized_features_and_sets(client, users, store):
    api = client.feature_engineering
    api.create_feature(declared())
    api.create_feature(declared("main.ml.age", "age"))
    offline = ml.OfflineStoreConfig(catalog_name="main", schema_name="ml", table_name_prefix="m")
    online = ml.OnlineStoreConfig(catalog_name="main", schema_name="ml", table_name_prefix="m", online_store_name="os1")
    made = api.create_materialized_feature(ml.MaterializedFeature(feature_name="main.ml.total", offline_store_config=offline))
    assert (made.is_online, made.pipeline_schedule_state.value, made.table_name, made.last_materialization_time) == (False, "SNAPSHOT", None, None)
    two = api.batch_create_materialized_features([
        ml.CreateMaterializedFeatureRequest(ml.MaterializedFeature(feature_name=name, online_store_config=online, cron_schedule="0 0 * * * ?"))
        for name in ("main.ml.total", "main.ml.age")]).materialized_features
    assert [(m.is_online, m.pipeline_schedule_state.value) for m in two] == [(True, "ACTIVE")] * 2
    with pytest.raises(DatabricksError):
        api.batch_create_materialized_features([
            ml.CreateMaterializedFeatureRequest(ml.MaterializedFeature(feature_name=name, offline_store_config=offline))
            for name in ("main.ml.total", "main.ml.gone")])
    of_total = list(api.list_materialized_features(feature_name="main.ml.total", page_size=1))
    assert [m.materialized_feature_id for m in of_total] == [made.materialized_feature_id, two[0].materialized_feature_id]
    paused = api.update_materialized_feature(
        two[1].materialized_feature_id, ml.MaterializedFeature(
            feature_name="main.ml.age", pipeline_schedule_state=ml.MaterializedFeaturePipelineScheduleState.PAUSED),
        update_mask="pipeline_schedule_state")
    assert paused.pipeline_schedule_state.value == "PAUSED"
    refused(DatabricksError, "materialized features", api.delete_feature, "main.ml.age")
    refused(InvalidParameterValue, "Exactly one", api.create_materialized_feature, ml.MaterializedFeature(feature_name="main.ml.age"))
    window = [{"start_time": "2026-01-01T00:00:00Z", "end_time": "2026-01-02T00:00:00Z"}]
    answer = {"feature_full_names": ["main.ml.age"], "backfill_ranges": window}
    refused(DatabricksError, "not simulated", client.api_client.do, "POST", "/api/2.0/feature-engineering/features:backfill", body=answer)
    for one in (made, *two):
        api.delete_materialized_feature(one.materialized_feature_id)
    assert list(api.list_materialized_features()) == []

    call = client.api_client.do
    path = "/api/2.0/feature-engineering/"
    members = [{"feature_name": name, "offline_store_config": offline.as_dict()} for name in ("main.ml.total", "main.ml.age")]
    operation = call("POST", path + "materialization-sets", query={"request_id": "r1"}, body={"materialized_features": members})
    made = operation["response"]
    assert operation["done"] and operation["metadata"]["feature_full_names"] == ["main.ml.total", "main.ml.age"]
    assert call("POST", path + "materialization-sets", query={"request_id": "r1"}, body={"materialized_features": members}) == operation
    assert operation["name"].startswith("operations/") and call("GET", path + operation["name"]) == operation
    assert call("POST", path + operation["name"] + ":cancel", body={}) == {}
    place = path + "materialization-sets/" + made["materialization_set_id"]
    assert call("GET", place) == made and len(made["materialized_features"]) == 2
    changed = call("PATCH", place, query={"update_mask": "materialized_features"}, body={"materialized_features": members[:1]})
    kept, gone = [m["materialized_feature_id"] for m in made["materialized_features"]]
    assert changed["metadata"]["update_progress"] == {"updated_materialized_feature_ids": [kept], "deleted_materialized_feature_ids": [gone]}
    assert [m["materialized_feature_id"] for m in call("GET", place)["materialized_features"]] == [kept]
    refused(DatabricksError, made["materialization_set_id"], api.delete_materialized_feature, kept)
    assert call("DELETE", place)["done"]
    refused(NotFound, "", call, "DELETE", place)
    assert call("DELETE", place, query={"allow_missing": "true"})["done"]
    refused(NotFound, "", call, "GET", path + "operations/none")


def test_kafka_configs_and_streams(client, users, stranger):
    api = client.feature_engineering
    auth = ml.AuthConfig(uc_service_credential_name="cred")
    made = api.create_kafka_config(ml.KafkaConfig(
        name="clicks", bootstrap_servers="a:9092,b:9092", subscription_mode=ml.SubscriptionMode(subscribe="clicks"), auth_config=auth,
        value_schema=ml.SchemaConfig(json_schema='{"type": "object"}')))
    assert api.get_kafka_config("clicks") == made == stranger.feature_engineering.get_kafka_config("clicks")
    made.bootstrap_servers = "c:9092"
    changed = stranger.feature_engineering.update_kafka_config
    refused(PermissionDenied, "clicks", changed, "clicks", made, update_mask=mask("bootstrap_servers"))
    assert api.update_kafka_config("clicks", made, update_mask=mask("bootstrap_servers")).bootstrap_servers == "c:9092"
    assert [k.name for k in api.list_kafka_configs()] == ["clicks"]
    for change in ({"subscription_mode": ml.SubscriptionMode()}, {"auth_config": ml.AuthConfig()}, {"value_schema": None},
                   {"value_schema": ml.SchemaConfig(json_schema="{")}, {"bootstrap_servers": ""}):
        with pytest.raises(InvalidParameterValue):
            api.create_kafka_config(ml.KafkaConfig(**{**vars(made), "name": "bad", **change}))
    source = ml.DataSource(kafka_source=ml.KafkaSource(name="clicks"))
    api.create_feature(declared("main.ml.clicks", source=source))
    refused(NotFound, "nobody", api.create_feature, declared("main.ml.x", source=ml.DataSource(kafka_source=ml.KafkaSource(name="nobody"))))
    api.delete_kafka_config("clicks")
    refused(NotFound, "clicks", api.get_kafka_config, "clicks")

    call = client.api_client.do
    path = "/api/2.0/feature-engineering/streams"
    stream = {
        "name": "main.ml.events", "source_config": {"kafka_stream_config": {"subscription_mode": {"subscribe": "t"}}},
        "connection_config": {"uc_connection_name": "c"}, "schema_config": {"direct_schemas": {"payload_schema": {"json_schema": "{}"}}},
        "ingestion_config": {"ingestion_destination": {"delta_table_name": "main.ml.events_raw"}, "deduplication_columns": ["value.id"]},
    }
    made = call("POST", path, body=stream)
    assert (made["created_by"], made["updated_by"], made["create_time"]) == ("admin@example.com",) * 2 + ("2026-01-01T00:00:00Z",)
    changed = call("PATCH", path + "/main.ml.events", query={"update_mask": "description"}, body={**stream, "description": "d"})
    assert changed == {**made, "description": "d"} == call("GET", path + "/main.ml.events")
    assert [s["name"] for s in call("GET", path, query={"parent": "main.ml"})["streams"]] == ["main.ml.events"]
    for change in ({"source_config": {}}, {"connection_config": {}}, {"excluded_columns": ["value.id"]}, {"ingestion_config": {}}):
        with pytest.raises(InvalidParameterValue):
            call("POST", path, body={**stream, "name": "main.ml.bad", **change})
    call("DELETE", path + "/main.ml.events")
    refused(NotFound, "main.ml.events", call, "GET", path + "/main.ml.events")


def mask(*names):
    from databricks.sdk.common.types.fieldmask import FieldMask

    return FieldMask(list(names))


def test_tags_and_lineage(client, sql, users, store, stranger):
    api = client.materialized_features
    assert api.create_feature_tag(users, "age", ml.FeatureTag(key="pii", value="no")) == ml.FeatureTag(key="pii", value="no")
    api.create_feature_tag(users, "age", ml.FeatureTag(key="team"))
    assert api.get_feature_tag(users, "age", "pii").value == "no"
    assert [t.key for t in api.list_feature_tags(users, "age", page_size=1)] == ["pii", "team"]
    assert api.update_feature_tag(users, "age", "pii", ml.FeatureTag(key="pii", value="yes")).value == "yes"
    assert [(t.tag_key, t.tag_value) for t in client.entity_tag_assignments.list("columns", users + ".age")][0] == ("pii", "yes")
    refused(DatabricksError, "already", api.create_feature_tag, users, "age", ml.FeatureTag(key="pii"))
    refused(NotFound, "none", api.update_feature_tag, users, "age", "none", ml.FeatureTag(key="none", value="x"))
    refused(NotFound, "nope", api.create_feature_tag, users, "nope", ml.FeatureTag(key="a"))
    refused(PermissionDenied, "", stranger.materialized_features.create_feature_tag, users, "age", ml.FeatureTag(key="b"))
    api.delete_feature_tag(users, "age", "pii")
    refused(NotFound, "pii", api.get_feature_tag, users, "age", "pii")
    publish(client, users)
    spec = {"name": "main.ml.spec", "features": [{"feature_lookup": {"table": users, "lookup_keys": ["user_id"], "feature_names": ["age"]}}]}
    path = "/api/2.0/feature-engineering/feature-specs"
    assert client.api_client.do("POST", path, body=spec) == spec == client.api_client.do("GET", path + "/main.ml.spec")
    seen = api.get_feature_lineage(users, "age")
    assert [s.name for s in seen.feature_specs] == ["main.ml.spec"]
    assert [(o.table_name, o.feature_name) for o in seen.online_features] == [("main.ml.users_online", "age")]
    assert api.get_feature_lineage(users, "city").feature_specs == []
    refused(NotFound, "nope", api.get_feature_lineage, users, "nope")
    for change in ({"lookup_keys": []}, {"feature_names": ["nope"]}, {"table": "main.ml.gone"}):
        lookup = {**spec["features"][0]["feature_lookup"], **change}
        with pytest.raises(DatabricksError):
            client.api_client.do("POST", path, body={"name": "main.ml.bad", "features": [{"feature_lookup": lookup}]})
    client.api_client.do("DELETE", path + "/main.ml.spec")
    refused(NotFound, "main.ml.spec", client.api_client.do, "GET", path + "/main.ml.spec")


def test_online_tables_are_read_by_sql(client, sql, users, store, fails):
    publish(client, users, "main.ml.users_online")
    assert sql("SELECT user_id, ts, age FROM main.ml.users_online ORDER BY user_id") == sql(
        f"SELECT user_id, ts, age FROM {users} QUALIFY row_number() OVER (PARTITION BY user_id ORDER BY ts DESC) = 1 ORDER BY user_id")
    before = sql("SELECT * FROM main.ml.users_online ORDER BY user_id")
    # The copy is of the version that was published, until it is published again.
    sql(f"INSERT INTO {users} (user_id, ts, age) VALUES (77, TIMESTAMP'2026-02-01', 7)")
    assert sql("SELECT * FROM main.ml.users_online ORDER BY user_id") == before
    publish(client, users, "main.ml.users_online")
    assert ["77", "7"] in sql("SELECT user_id, age FROM main.ml.users_online")
    assert sql("SELECT u.age FROM main.ml.users_online u JOIN (SELECT 77 AS id) ON u.user_id = id") == [["7"]]
    assert fails("INSERT INTO main.ml.users_online VALUES (1)") and fails("SELECT * FROM main.ml.users_online VERSION AS OF 0")
