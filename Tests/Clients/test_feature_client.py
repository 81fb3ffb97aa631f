"""PyPI's databricks-feature-engineering without Spark: its client of the catalog's REST API and that of serving endpoints.

Runs where the package is installed together with pyspark, which it imports and does not start here."""

import re

import pytest

pytest.importorskip("pyspark")
catalog_client = pytest.importorskip("databricks.ml_features._catalog_client._catalog_client")

from databricks.ml_features._databricks_client._databricks_client import DatabricksClient  # noqa: E402
from databricks.ml_features._feature_serving_endpoint_client import _feature_serving_endpoint_client as endpoints  # noqa: E402
from databricks.ml_features.entities.feature_lookup import FeatureLookup  # noqa: E402
from databricks.ml_features.entities.feature_serving_endpoint import EndpointCoreConfig, ServedEntity  # noqa: E402
from databricks.ml_features.entities.key_spec import KeySpec  # noqa: E402
from databricks.ml_features.utils import request_context  # noqa: E402
from mlflow.utils.rest_utils import MlflowHostCreds  # noqa: E402

from conftest import TOKEN  # noqa: E402
from test_feature_store import publish, store, users  # noqa: E402, F401: fixtures


def test_catalog_and_serving(server, client, users, store):
    def credentials(uri=None):
        return MlflowHostCreds(host=server.host, token=TOKEN)

    api = catalog_client.CatalogClient(credentials)
    context = request_context.RequestContext(request_context.CREATE_TABLE, request_context.FEATURE_ENGINEERING_CLIENT)
    made = api.create_feature_table(users, [], [KeySpec("user_id", "LONG")], [KeySpec("ts", "TIMESTAMP")], "of users", False, context)
    assert (made.primary_keys, made.timestamp_keys, made.features, made.description) == (["user_id"], ["ts"], ["age", "ltv", "city"], "of users")
    assert api.feature_table_exists(users, context) and not api.feature_table_exists("main.ml.none", context)
    api.create_features(users, [KeySpec("age", "INTEGER")], context)
    assert [(f.name, f.data_type) for f in api.get_features(users, context)] == [("age", "INTEGER"), ("ltv", "DOUBLE"), ("city", "STRING")]
    assert api.update_feature(users, "age", "INTEGER", context).name == "age"
    api.add_data_sources(users, ["main.ml.source"], ["/p"], ["c"], context)
    api.delete_data_sources(users, ["/p"], context)
    api.add_notebook_producer(users, 1, 2, 1, context)
    api.add_job_consumer({users: ["age"]}, 3, 4, context)
    assert [c.features for c in api.get_consumers(users, context)] == [["age"]]
    api.set_feature_table_tags(made.table_id, {"team": "a", "env": "b"}, context)
    api.delete_feature_table_tags(made.table_id, ["env"], context)
    assert [(t.key, t.value) for t in api.get_feature_table_tags(made.table_id, context)] == [("team", "a")]
    publish(client, users)
    known = api.get_feature_table(users, context)
    assert (known.table_data_sources, known.custom_data_sources, known.path_data_sources) == (["main.ml.source"], ["c"], [])
    assert [s.name for s in known.online_stores] == ["main.ml.users_online"]
    spec = api.create_feature_spec("main.ml.spec", [FeatureLookup(
        table_name=users, lookup_key="user_id", feature_names=["age"], default_values={"age": 7},
        timestamp_lookup_key="ts")], ["ts"], context)
    assert (spec.name, spec.creator) == ("main.ml.spec", "admin@example.com")

    # Its constructor starts Spark.
    serving = endpoints.FeatureServingEndpointClient.__new__(endpoints.FeatureServingEndpointClient)
    serving._get_host_creds = credentials
    serving._endpoint_name_matcher = re.compile(endpoints.ENDPOINT_NAME_REGEX)
    serving._databricks_client = DatabricksClient(credentials)
    config = EndpointCoreConfig(served_entities=ServedEntity(feature_spec_name="main.ml.spec", workload_size="Small"))
    assert serving.create_feature_serving_endpoint("users", config, "test").creator == "admin@example.com"
    with pytest.raises(ValueError, match="already exists"):
        serving.create_feature_serving_endpoint("users", config, "test")
    assert client.serving_endpoints.query("users", dataframe_records=[{"user_id": 1}, {"user_id": 3}]).outputs == [
        {"user_id": 1, "age": 31}, {"user_id": 3, "age": 7}]
    serving._databricks_client.delete_uc_function("main.ml.spec")
    api.delete_feature_table(users, context, dry_run=True)
    api.delete_feature_table(users, context)
