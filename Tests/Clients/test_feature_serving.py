"""Feature look-ups through serving endpoints, training sets by SQL, online tables, and the feature store's older API."""

import datetime

import pytest
from databricks.sdk.errors import BadRequest, DatabricksError, InvalidParameterValue, NotFound, PermissionDenied, ResourceAlreadyExists
from databricks.sdk.service import catalog, ml, serving

from conftest import Server, workspace_client
from test_feature_store import publish, refused, shared_server, store, stranger, users  # noqa: F401: fixtures

SPECS = "/api/2.0/feature-engineering/feature-specs"


def make_spec(client, name="main.ml.spec", table="main.ml.users", more=(), **lookup):
    lookup = {"table": table, "lookup_keys": ["user_id"], **lookup}
    client.api_client.do("POST", SPECS, body={"name": name, "features": [{"feature_lookup": lookup}, *more]})
    return name


def serve(client, name="ep", entity="main.ml.spec"):
    config = serving.EndpointCoreConfigInput(
        name=name, served_entities=[serving.ServedEntityInput(entity_name=entity, workload_size="Small", scale_to_zero_enabled=True)])
    return client.serving_endpoints.create_and_wait(name, config=config, timeout=datetime.timedelta(seconds=10))


def ask(client, *records, name="ep"):
    return client.serving_endpoints.query(name, dataframe_records=list(records)).outputs


def test_looking_features_up(client, sql, users, store, stranger):
    make_spec(client, feature_names=["age", "ltv"], rename_outputs=[{"feature": "age", "output": "years"}],
              default_values=[{"feature": "ltv", "default_value": "0.5"}, {"feature": "years", "default_value": "7"}])
    refused(InvalidParameterValue, "no online table", serve, client)
    publish(client, users)
    made = serve(client)
    assert (made.state.ready.value, made.config.config_version, made.creator) == ("READY", 1, "admin@example.com")
    entity, = made.config.served_entities
    assert (entity.name, entity.entity_name, entity.state.deployment.value) == ("spec", "main.ml.spec", "DEPLOYMENT_READY")
    assert [(r.served_model_name, r.traffic_percentage) for r in made.config.traffic_config.routes] == [("spec", 100)]
    answer = ask(client, {"user_id": 1}, {"user_id": 2.0, "x": "y"}, {"user_id": 9}, {"user_id": None})
    # Of user 1 the newest row; defaults stand for what is null or missing, also under a feature's new name.
    assert answer == [
        {"user_id": 1, "years": 31, "ltv": 2.5}, {"user_id": 2.0, "x": "y", "years": 40, "ltv": 0.5},
        {"user_id": 9, "years": 7, "ltv": 0.5}, {"user_id": None, "years": 7, "ltv": 0.5}]
    split = serving.DataframeSplitInput(columns=["user_id"], data=[[2], [1]])
    assert [o["years"] for o in client.serving_endpoints.query("ep", dataframe_split=split).outputs] == [40, 31]
    refused(BadRequest, "'user_id'", ask, client, {"id": 1})
    refused(BadRequest, "wrong type", ask, client, {"user_id": "one"})
    path = "/serving-endpoints/ep/invocations"
    for body in ({}, {"dataframe_records": [1]}, {"dataframe_split": {"columns": ["user_id"], "data": [[1, 2]]}}):
        refused(BadRequest, "", client.api_client.do, "POST", path, body=body)
    refused(NotFound, "none", ask, client, {"user_id": 1}, name="none")
    refused(PermissionDenied, "CAN_QUERY", ask, stranger, {"user_id": 1})
    client.permissions.update("serving-endpoints", made.id, access_control_list=[
        catalog_entry(stranger.current_user.me().user_name, "CAN_QUERY")])
    assert ask(stranger, {"user_id": 1})[0]["years"] == 31
    refused(PermissionDenied, "CAN_MANAGE", stranger.serving_endpoints.delete, "ep")
    client.permissions.set("serving-endpoints", made.id, access_control_list=[])
    refused(PermissionDenied, "CAN_QUERY", ask, stranger, {"user_id": 1})


def catalog_entry(name, level):
    from databricks.sdk.service import iam

    return iam.AccessControlRequest(service_principal_name=name, permission_level=iam.PermissionLevel(level))


def test_publish_modes_copy_rows(client, sql, users, store):
    make_spec(client, feature_names=["age"])
    publish(client, users, mode=ml.PublishSpecPublishMode.TRIGGERED)
    serve(client)
    assert ask(client, {"user_id": 1}) == [{"user_id": 1, "age": 31}]
    sql("MERGE INTO main.ml.users t USING (SELECT 1 AS user_id, TIMESTAMP '2026-01-05T00:00:00' AS ts, 32 AS age) s"
        " ON t.user_id = s.user_id AND t.ts = s.ts WHEN NOT MATCHED THEN INSERT (user_id, ts, age) VALUES (s.user_id, s.ts, s.age)")
    # A triggered table holds what it held until it is published again.
    assert ask(client, {"user_id": 1})[0]["age"] == 31
    publish(client, users, mode=ml.PublishSpecPublishMode.TRIGGERED)
    assert ask(client, {"user_id": 1})[0]["age"] == 32
    publish(client, users, mode=ml.PublishSpecPublishMode.CONTINUOUS)
    sql("UPDATE main.ml.users SET age = 33 WHERE age = 32")
    assert ask(client, {"user_id": 1})[0]["age"] == 33
    sql("DELETE FROM main.ml.users WHERE user_id = 2")
    assert ask(client, {"user_id": 2}) == [{"user_id": 2, "age": None}]
    client.feature_store.delete_online_table("main.ml.users_online")
    refused(InvalidParameterValue, "no online table", ask, client, {"user_id": 1})


def test_rows_survive_a_snapshot(server, client, sql, users, store):
    make_spec(client, feature_names=["city"])
    publish(client, users)
    serve(client)
    assert server.control("POST", "snapshots", {"name": "s"}).status in (200, 201)
    sql("UPDATE main.ml.users SET city = 'Rom' WHERE user_id = 1")
    publish(client, users)
    assert ask(client, {"user_id": 1})[0]["city"] == "Rom"
    assert server.control("POST", "snapshots/s/restore").status == 200
    assert ask(client, {"user_id": 1})[0]["city"] == "Oslo"
    assert server.control("DELETE", "snapshots/s").status == 200


def test_composite_keys_functions_and_types(client, sql, store):
    sql("CREATE SCHEMA main.ml")
    sql("CREATE TABLE main.ml.places (day DATE NOT NULL, name STRING NOT NULL, tags ARRAY<STRING>, price DECIMAL(9, 2), big BIGINT, ok BOOLEAN,"
        " CONSTRAINT k PRIMARY KEY (day, name))")
    sql("INSERT INTO main.ml.places VALUES ('2026-01-01', 'a:1', array('x', 'y'), 1.50, 9007199254740993, true),"
        " ('2026-01-01', 'a', NULL, 2.25, 1, false)")
    publish(client, "main.ml.places", "main.ml.places_online")
    sql("CREATE FUNCTION main.ml.twice(v DOUBLE, label STRING) RETURNS STRING RETURN concat(label, '=', 2 * v)")
    function = {"feature_function": {"udf": "main.ml.twice", "output": "double", "input_bindings": [
        {"parameter": "label", "bound_feature": "name"}, {"parameter": "v", "bound_feature": "price"}]}}
    make_spec(client, table="main.ml.places", lookup_keys=["d", "name"], more=[function])
    serve(client)
    answer, other = ask(client, {"d": "2026-01-01", "name": "a:1"}, {"d": "2026-01-01", "name": "a"})
    assert answer == {"d": "2026-01-01", "name": "a:1", "tags": ["x", "y"], "price": 1.5, "big": 9007199254740993, "ok": True, "double": "a:1=3.0"}
    assert (other["tags"], other["ok"], other["double"]) == (None, False, "a=4.5")
    refused(BadRequest, "'name'", ask, client, {"d": "2026-01-01"})


def test_endpoints_as_objects(client, users, store):
    api = client.serving_endpoints
    make_spec(client)
    publish(client, users)
    serve(client, "one")
    model = serving.ServedEntityInput(
        name="chat", external_model=serving.ExternalModel(
            name="gpt", provider=serving.ExternalModelProvider.OPENAI, task="llm/v1/chat",
            openai_config=serving.OpenAiConfig(openai_api_key_plaintext="sk-very-secret")))
    made = api.create_and_wait("two", config=serving.EndpointCoreConfigInput(name="two", served_entities=[model]),
                               tags=[serving.EndpointTag("team", "a")])
    assert "sk-very-secret" not in str(made.as_dict()) and made.config.served_entities[0].external_model.name == "gpt"
    assert [(e.name, e.config.served_entities[0].name) for e in api.list()] == [("one", "spec"), ("two", "chat")]
    refused(DatabricksError, "'gpt' is not simulated", ask, client, {"user_id": 1}, name="two")
    changed = api.update_config_and_wait("two", served_entities=[serving.ServedEntityInput(name="s", entity_name="main.ml.spec")])
    assert changed.config.config_version == 2 and ask(client, {"user_id": 2}, name="two")[0]["age"] == 40
    tags = client.api_client.do("PATCH", "/api/2.0/serving-endpoints/two/tags", body={
        "add_tags": [{"key": "env", "value": "test"}, {"key": "team", "value": "b"}], "delete_tags": ["none"]})
    assert tags == {"tags": [{"key": "env", "value": "test"}, {"key": "team", "value": "b"}]}
    assert [t.key for t in api.get("two").tags] == ["env", "team"]
    refused(ResourceAlreadyExists, "two", serve, client, "two")
    entity = serving.ServedEntityInput(entity_name="main.ml.spec")
    for config in (dict(served_entities=[]), dict(served_entities=[entity, entity]), dict(served_entities=[
            serving.ServedEntityInput(entity_name="main.ml.none", entity_version="1")]), dict(
            served_entities=[entity], traffic_config=serving.TrafficConfig([serving.Route(served_model_name="spec", traffic_percentage=50)])), dict(
            served_entities=[entity], traffic_config=serving.TrafficConfig([serving.Route(served_model_name="x", traffic_percentage=100)]))):
        with pytest.raises(DatabricksError):
            api.create("bad", config=serving.EndpointCoreConfigInput(name="bad", **config))
    with pytest.raises(DatabricksError):
        serve(client, "bad name")
    api.delete("two")
    refused(NotFound, "two", api.get, "two")
    assert [e.name for e in api.list()] == ["one"]


def test_online_tables_are_looked_up(client, sql, users):
    spec = catalog.OnlineTableSpec(
        source_table_full_name=users, primary_key_columns=["user_id"], timeseries_key="ts",
        run_continuously=catalog.OnlineTableSpecContinuousSchedulingPolicy())
    made = client.online_tables.create(catalog.OnlineTable(name="main.ml.served", spec=spec)).result()
    assert made.status.detailed_state.value == "ONLINE_CONTINUOUS_UPDATE"
    make_spec(client, feature_names=["city"])
    serve(client)
    assert ask(client, {"user_id": 1}) == [{"user_id": 1, "city": "Oslo"}]
    sql("UPDATE main.ml.users SET city = 'Ulm'")
    assert ask(client, {"user_id": 1}) == [{"user_id": 1, "city": "Ulm"}]
    sql("CREATE TABLE main.ml.nothing (id BIGINT NOT NULL, v DOUBLE)")
    sql("CREATE VIEW main.ml.broken AS SELECT id, raise_error('no value') AS v FROM main.ml.nothing")
    sql("INSERT INTO main.ml.nothing VALUES (1, 2)")
    bad = catalog.OnlineTableSpec(source_table_full_name="main.ml.broken", primary_key_columns=["id"])
    refused(InvalidParameterValue, "no value", client.online_tables.create, catalog.OnlineTable(name="main.ml.bad", spec=bad))
    # What could not be copied is not there.
    refused(NotFound, "main.ml.bad", client.tables.get, "main.ml.bad")
    client.online_tables.delete("main.ml.served")
    refused(InvalidParameterValue, "no online table", ask, client, {"user_id": 1})


def test_a_training_set_by_sql(sql, users):
    sql("CREATE TABLE main.ml.labels (user_id BIGINT, at TIMESTAMP, label INT)")
    sql("INSERT INTO main.ml.labels VALUES (1, '2025-12-31T00:00:00', 0), (1, '2026-01-02T12:00:00', 1), (1, '2026-01-03T00:00:00', 2),"
        " (2, '2026-01-09T00:00:00', 3), (3, '2026-01-09T00:00:00', 4)")
    rows = sql(
        "SELECT l.label, f.age, f.city FROM main.ml.labels l LEFT JOIN main.ml.users f ON f.user_id = l.user_id AND f.ts <= l.at"
        " QUALIFY row_number() OVER (PARTITION BY l.user_id, l.at ORDER BY f.ts DESC) = 1 ORDER BY l.label")
    assert rows == [["0", None, None], ["1", "30", "Rome"], ["2", "31", "Oslo"], ["3", "40", "Bern"], ["4", None, None]]
    week = sql(
        "SELECT l.label, max_by(f.age, f.ts), count(f.age) FROM main.ml.labels l LEFT JOIN main.ml.users f"
        " ON f.user_id = l.user_id AND f.ts <= l.at AND f.ts > l.at - INTERVAL 2 DAYS GROUP BY l.label ORDER BY l.label")
    assert week == [["0", None, "0"], ["1", "30", "1"], ["2", "31", "1"], ["3", None, "0"], ["4", None, "0"]]


def test_the_older_api(client, sql, users, store, stranger):
    def call(method, path, **arguments):
        return client.api_client.do(method, "/api/2.0/feature-store/" + path, **arguments)

    def key(*names):
        return [{"name": name, "data_type": "LONG"} for name in names]

    sql("CREATE TABLE main.ml.items (id BIGINT NOT NULL, price DECIMAL(9, 2), kind STRING) PARTITIONED BY (kind)")
    refused(NotFound, "main.ml.items", call, "GET", "feature-tables/get", query={"name": "main.ml.items"})
    body = {"name": "main.ml.items", "primary_keys": key("id"), "partition_keys": key("kind"), "description": "what is sold", "features": key("price")}
    refused(InvalidParameterValue, "nope", call, "POST", "feature-tables/create", body={**body, "primary_keys": key("nope")})
    assert call("POST", "feature-tables/create", body={**body, "dry_run": True}) == {}
    made = call("POST", "feature-tables/create", body=body)["feature_table"]
    assert (made["primary_keys"], made["timestamp_keys"], made["partition_keys"], made["features"]) == (["id"], [], ["kind"], ["price", "kind"])
    assert (made["description"], made["id"]) == ("what is sold", client.tables.get("main.ml.items").table_id)
    refused(ResourceAlreadyExists, "main.ml.items", call, "POST", "feature-tables/create", body=body)
    refused(NotFound, "main.ml.gone", call, "POST", "feature-tables/create", body={**body, "name": "main.ml.gone"})
    # A table with a primary key is a feature table without being made one.
    publish(client, users)
    known = call("GET", "feature-tables/get", query={"name": users})["feature_table"]
    assert (known["primary_keys"], known["timestamp_keys"], known["features"]) == (["user_id"], ["ts"], ["age", "ltv", "city"])
    assert [s["name"] for s in known["online_stores"]] == ["main.ml.users_online"]
    found = call("POST", "feature-tables/search", body={"max_results": 1, "catalog_names": ["main"]})
    assert [t["name"] for t in found["feature_tables"]] == ["main.ml.items"]
    found = call("POST", "feature-tables/search", body={"max_results": 1, "page_token": found["next_page_token"]})
    assert [t["name"] for t in found["feature_tables"]] == [users] and "next_page_token" not in found
    assert [t["name"] for t in call("POST", "feature-tables/search", body={"text": "CITY"})["feature_tables"]] == [users]
    assert call("POST", "feature-tables/search", body={"owner_ids": ["nobody"]}) == {"feature_tables": []}
    assert [t["name"] for t in call("POST", "feature-tables/get-by-ids", body={"ids": [known["id"], "none"]})["feature_tables"]] == [users]

    features = call("GET", "features/get", query={"feature_table": users, "max_results": 2})
    assert [(f["name"], f["data_type"]) for f in features["features"]] == [("age", "INTEGER"), ("ltv", "DOUBLE")]
    rest = call("GET", "features/get", query={"feature_table": users, "page_token": features["next_page_token"]})
    assert [f["name"] for f in rest["features"]] == ["city"] and "next_page_token" not in rest
    price = call("GET", "features/get-by-name", query={"feature_table": "main.ml.items", "name": "price"})["feature"]
    assert (price["data_type"], price["data_type_details"]) == ("DECIMAL", '"decimal(9,2)"')
    changed = call("PATCH", "features/update", body={"feature_table": users, "name": "age", "description": "in years"})["feature"]
    assert changed["description"] == "in years" and client.tables.get(users).columns[2].comment == "in years"
    assert call("PATCH", "feature-tables/update", body={"name": users, "description": "d"})["feature_table"]["description"] == "d"
    assert call("POST", "features/create", body={"feature_table": users, "features": key("age")}) == {}
    refused(NotFound, "nope", call, "POST", "features/create", body={"feature_table": users, "features": key("nope")})

    call("POST", "tags/set", body={"feature_table_id": known["id"], "tags": [{"key": "team", "value": "a"}]})
    call("POST", "tags/set", body={"feature_id": changed["id"], "tags": [{"key": "pii", "value": "no"}]})
    assert call("GET", "tags/get", query={"feature_id": changed["id"]}) == {"tags": [{"key": "pii", "value": "no"}]}
    assert [t.value for t in client.materialized_features.list_feature_tags(users, "age")] == ["no"]
    found = call("POST", "feature-tables/search", body={"tags": [{"key": "team", "value": "a"}]})["feature_tables"]
    assert [t["name"] for t in found] == [users]
    call("DELETE", "tags/delete", body={"feature_id": changed["id"], "keys": ["pii"]})
    assert call("GET", "tags/get", query={"feature_id": changed["id"]}) == {"tags": []}
    refused(NotFound, "none", call, "GET", "tags/get", query={"feature_table_id": "none"})

    call("POST", "feature-tables/add-data-sources", body={"feature_table": users, "tables": ["main.ml.items"], "paths": ["/p"]})
    call("POST", "feature-tables/delete-data-sources", body={"feature_table": users, "sources": ["/p"]})
    call("POST", "feature-tables/add-producer", body={"feature_table": users, "notebook": {"notebook_id": 7}, "producer_action": "WRITE"})
    call("POST", "features/add-consumer", body={"features": [{"table": users, "names": ["age"]}], "job_run": {"job_id": 1, "run_id": 2}})
    known = call("GET", "feature-tables/get", query={"name": users})["feature_table"]
    assert (known["data_sources"], known["notebook_producers"]) == ([{"table": "main.ml.items"}], [{"notebook_id": 7}])
    consumers = call("GET", "feature-tables/get-consumers", query={"feature_table": users})["consumers"]
    assert consumers == [{"features": ["age"], "job_run": {"job_id": 1, "run_id": 2}}]
    refused(DatabricksError, "", call, "POST", "feature-tables/add-producer", body={"feature_table": users})

    sql("CREATE FUNCTION main.ml.next(n INT) RETURNS INT RETURN n + 1")
    spec = {"name": "main.ml.old", "features": [
        {"feature_lookup": {"table_name": users, "lookup_keys": ["user_id"], "feature_names": ["age"], "rename_outputs": [
            {"feature_name": "age", "output_name": "years"}], "default_values": [{"feature_name": "age", "default_value": "7"}]}},
        {"feature_function": {"udf_name": "main.ml.next", "output_name": "next", "input_bindings": [
            {"parameter_name": "n", "bound_feature_name": "years"}]}}]}
    info = call("POST", "feature-spec/create", body=spec)["feature_spec_info"]
    assert (info["name"], info["owner"]) == ("main.ml.old", "admin@example.com")
    serve(client, entity="main.ml.old")
    assert ask(client, {"user_id": 2}, {"user_id": 9}) == [{"user_id": 2, "years": 40, "next": 41}, {"user_id": 9, "years": 7, "next": 8}]
    # A specification is a function of the catalog.
    shown = client.api_client.do("GET", "/api/2.0/unity-catalog/functions/main.ml.old")
    assert (shown["securable_kind"], shown["full_name"], shown["owner"]) == ("FUNCTION_FEATURE_SPEC", "main.ml.old", "admin@example.com")
    refused(ResourceAlreadyExists, "main.ml.next", call, "POST", "feature-spec/create", body={**spec, "name": "main.ml.next"})
    refused(DatabricksError, "feature_spec_yaml", call, "POST", "feature-spec/create", body={"name": "main.ml.y", "feature_spec_yaml": "a: 1"})
    client.functions.delete("main.ml.old")
    refused(NotFound, "main.ml.old", call, "DELETE", "feature-spec/main.ml.old")
    refused(PermissionDenied, "", stranger.api_client.do, "GET", "/api/2.0/feature-store/feature-tables/get", query={"name": users})
    refused(DatabricksError, "not simulated", call, "POST", "feature-tables/publish", body={"feature_table": users})
    call("DELETE", "feature-tables/delete", body={"name": "main.ml.items"})
    refused(NotFound, "main.ml.items", call, "GET", "feature-tables/get", query={"name": "main.ml.items"})
    assert client.tables.get("main.ml.items").name == "items"


def test_a_specification_in_yaml(client, sql, users, store):
    """As databricks-feature-engineering writes it beside a model, and as the body of a specification's function."""
    sql("CREATE FUNCTION main.ml.older(age INT, extra INT) RETURNS INT RETURN age + extra")
    publish(client, users)
    text = """
input_columns:
- user_id: {source: training_data, topological_ordering: 0}
- extra: {source: training_data, topological_ordering: 0}
- age: {table_name: main.ml.users, feature_name: age, lookup_key: [user_id], timestamp_lookup_key: [], include: false,
        topological_ordering: 1, source: feature_store}
- value: {table_name: main.ml.users, feature_name: ltv, lookup_key: [user_id], default_value_str: '0.5', topological_ordering: 1, source: feature_store}
- later: {udf_name: main.ml.older, input_bindings: {age: age, extra: extra}, topological_ordering: 2, source: on_demand_feature}
input_tables:
- main.ml.users: {table_id: t}
input_functions:
- main.ml.older: {}
serialization_version: 9
"""
    path = "/api/2.0/feature-store/feature-spec/create"
    made = client.api_client.do("POST", path, body={"name": "main.ml.spec", "feature_spec_yaml": text})
    assert made["feature_spec_info"]["name"] == "main.ml.spec"
    serve(client)
    assert ask(client, {"user_id": 1, "extra": 2}, {"user_id": 2, "extra": 1}) == [
        {"user_id": 1, "extra": 2, "value": 2.5, "later": 33}, {"user_id": 2, "extra": 1, "value": 0.5, "later": 41}]
    refused(InvalidParameterValue, "no column is a feature", client.api_client.do, "POST", path, body={
        "name": "main.ml.x", "feature_spec_yaml": "input_columns: [{a: {source: training_data}}]"})
    refused(InvalidParameterValue, "no YAML", client.api_client.do, "POST", path, body={"name": "main.ml.x", "feature_spec_yaml": "{"})
    refused(DatabricksError, "main.ml.gone", client.api_client.do, "POST", path, body={
        "name": "main.ml.x", "feature_spec_yaml": text.replace("table_name: main.ml.users", "table_name: main.ml.gone")})
