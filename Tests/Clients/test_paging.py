"""Every list that has pages: all objects once, in the service's order, by the SDK's iterators and by raw calls; sizes and tokens as documented."""

import base64
import importlib
import inspect
import io
import json
import urllib.parse

import pytest
from databricks.sdk.service import catalog as uc, database as db, jobs, ml, pipelines, sharing as s
from databricks.sdk.service.iam import ListSortOrder

from conftest import Server, run_sql, workspace_client
from sharing_support import activate, enable, objects, recipient

UC = "/api/2.1/unity-catalog/"
SCIM = "/api/2.0/preview/scim/v2/"
ML = "/api/2.0/feature-engineering/"
NAMES = [f"p{n}" for n in range(5)]

# The API groups whose lists are all in the table below.
GROUPS = """
catalog: Catalogs Connections Credentials EntityTagAssignments ExternalLocations Functions Grants Metastores RegisteredModels
  ResourceQuotas Schemas StorageCredentials SystemSchemas Tables Volumes WorkspaceBindings
compute: Clusters PolicyComplianceForClusters PolicyFamilies
database: Database
files: Files
jobs: Jobs
ml: FeatureEngineering FeatureStore MaterializedFeatures
pipelines: Pipelines
sharing: Providers RecipientFederationPolicies Recipients Shares
sql: QueryHistory Warehouses
"""

# Lists of one object's parts (a job's tasks, a run's) whose page is fixed at 100 of each: walked in test_jobs.py.
PARTS = {"jobs.JobsAPI.get", "jobs.JobsAPI.get_run"}

# Their pages count privileges, at least 150 of them: walked in a test of their own.
GRANTS = {f"catalog.GrantsAPI.{name}" for name in ("get", "get_effective", "list", "list_effective")}


class List:
    """One list. `call`: the SDK's method with what it needs. `path`: the raw call. `count`: how many objects it has, where that is not at least five.
    `most`: the longest page that the documentation tells, and whether a longer one is `refused`. `zero_refused`: 0 is no size."""

    def __init__(self, name, call, arguments, path, items, key="name", *, size="max_results", token="page_token", next="next_page_token",
                 page=2, most=None, refused=False, zero_refused=False, post=False):
        self.name, self.call, self.arguments, self.path, self.items = name, call, arguments, path, items
        self.key = key if callable(key) else lambda item: item[key]
        self.size, self.token, self.next, self.page, self.post = size, token, next, page, post
        self.most, self.refused, self.zero_refused = most, refused, zero_refused

    def ask(self, server, **query):
        query = {{"size": self.size, "token": self.token}.get(k, k): v for k, v in query.items()}
        if self.post:
            path, _, given = self.path.partition("?")
            return server.request("POST", path, {**dict(urllib.parse.parse_qsl(given)), **query})
        return server.request("GET", self.path + ("&" if "?" in self.path else "?") + urllib.parse.urlencode(query))


def events(event):
    """Events of clusters have no id."""
    return (event["timestamp"], event["type"])


@pytest.fixture(scope="module")
def world():
    """A server with at least five objects of each kind, and the lists over them."""
    server = Server("serve", "--port", 0, "--seed", 7, "--clock", "virtual")
    client = workspace_client(server)
    server.client = client
    yield server, {one.name: one for one in fill(server, client)}
    assert server.stop() == 0


def fill(server, w):
    call = w.api_client.do
    sql = lambda text: run_sql(w, text, server.exports["DATABRICKS_WAREHOUSE_ID"])
    metastore = enable(w)
    role = uc.AwsIamRoleRequest(role_arn="arn:aws:iam::123456789012:role/data")
    w.catalogs.create("pages")
    w.schemas.create("s", "pages")
    w.database.create_database_instance_and_wait(db.DatabaseInstance(name="instance", capacity="CU_1"))
    cluster = w.clusters.create(spark_version="15.4.x-scala2.12", num_workers=1, node_type_id="i3.xlarge", cluster_name="c").cluster_id
    pipeline = None
    other = server.control("POST", "workspaces", {"name": "other", "seed": 9}).json
    partner = workspace_client(server, token=other["token"])
    enable(partner)
    partner.recipients.create("us", s.AuthenticationType.DATABRICKS, data_recipient_global_metastore_id=metastore.global_metastore_id)
    w.recipients.create("idp", s.AuthenticationType.OIDC_FEDERATION)
    w.shares.create("all")
    auth = ml.AuthConfig(uc_service_credential_name="cred")
    policy = w.cluster_policies.create(name="policy", definition="{}").policy_id
    for n, name in enumerate(NAMES):
        w.catalogs.create(name)
        w.schemas.create(name, "pages")
        sql(f"CREATE TABLE pages.s.{name} (a INT, id BIGINT NOT NULL, ts TIMESTAMP NOT NULL, CONSTRAINT k PRIMARY KEY (id, ts TIMESERIES))"
            " TBLPROPERTIES (delta.enableChangeDataFeed = true)")
        sql(f"CREATE FUNCTION pages.s.f{n}(x INT) RETURNS INT RETURN x + {n}")
        w.volumes.create("pages", "s", name, uc.VolumeType.MANAGED)
        w.registered_models.create(catalog_name="pages", schema_name="s", name="m" + name)
        w.metastores.create(name)
        w.connections.create(name, uc.ConnectionType.MYSQL, {"host": "h", "port": "3306", "user": "u", "password": "p"})
        w.storage_credentials.create(name, aws_iam_role=role)
        w.external_locations.create(name, f"s3://bucket/{name}", name)
        w.recipients.create(name, s.AuthenticationType.TOKEN)
        w.shares.create(name)
        partner.shares.create(name)
        partner.shares.update_permissions(name, changes=[s.PermissionsChange(add=["SELECT"], principal="us")])
        w.shares.update_permissions("all", changes=[s.PermissionsChange(add=["SELECT"], principal=name)])
        w.shares.update_permissions(name, changes=[s.PermissionsChange(add=["SELECT"], principal="p0")])
        w.providers.create(name, s.AuthenticationType.TOKEN, recipient_profile_str=json.dumps(
            {"shareCredentialsVersion": 1, "bearerToken": "t", "endpoint": "https://x/delta-sharing"}))
        user = w.users.create(user_name=f"{name}@example.com").id
        w.groups.create(display_name=name)
        w.service_principals.create(display_name=name)
        call("POST", "/api/warehouses/v1/default-warehouse-overrides", query={"default_warehouse_override_id": user}, body={"type": "LAST_SELECTED"})
        w.clusters.create(
            spark_version="15.4.x-scala2.12", num_workers=1, node_type_id="i3.xlarge", cluster_name=name, policy_id=policy)
        w.clusters.pin(cluster)
        w.warehouses.create(name=name, cluster_size="2X-Small", max_num_clusters=1)
        job = w.jobs.create(name=name, tasks=[jobs.Task(task_key="t", notebook_task=jobs.NotebookTask(notebook_path="/n"))]).job_id
        w.jobs.run_now(job)
        library = [pipelines.PipelineLibrary(file=pipelines.FileLibrary(path="/p.sql"))]
        made = w.pipelines.create(name=name, catalog="pages", schema="s", libraries=library)
        pipeline = pipeline or made.pipeline_id
        w.pipelines.start_update(pipeline)
        assert server.control("POST", "clock", {"advance": "60s"}).status == 200
        w.database.create_database_instance(db.DatabaseInstance(name=name, capacity="CU_1"))
        w.database.create_database_instance_role("instance", db.DatabaseInstanceRole(name=name))
        w.database.create_database_catalog(db.DatabaseCatalog(
            name="db" + name, database_instance_name="instance", database_name="d" + name, create_database_if_not_exists=True))
        w.database.create_synced_database_table(db.SyncedDatabaseTable(
            name=f"pages.s.synced{n}", database_instance_name="instance", logical_database_name="dp0",
            spec=db.SyncedTableSpec(source_table_full_name=f"pages.s.{name}", primary_key_columns=["id"], create_database_objects_if_missing=True,
                                    scheduling_policy=db.SyncedTableSchedulingPolicy.SNAPSHOT)))
        w.feature_store.create_online_store(ml.OnlineStore(name=name, capacity="CU_1"))
        feature = w.feature_engineering.create_feature(ml.Feature(
            full_name="pages.s.feature_" + name, source=ml.DataSource(delta_table_source=ml.DeltaTableSource(full_name="pages.s.p0")),
            function=ml.Function(aggregation_function=ml.AggregationFunction(sum=ml.SumFunction(input="a"))), entities=[ml.EntityColumn(name="id")],
            timeseries_column=ml.TimeseriesColumn(name="ts"), time_window=ml.TimeWindow(continuous=ml.ContinuousWindow(window_duration="60s"))))
        w.feature_engineering.create_materialized_feature(ml.MaterializedFeature(
            feature_name=feature.full_name, offline_store_config=ml.OfflineStoreConfig(catalog_name="pages", schema_name="s", table_name_prefix="m")))
        w.feature_engineering.create_kafka_config(ml.KafkaConfig(
            name=name, bootstrap_servers="a:9092", subscription_mode=ml.SubscriptionMode(subscribe="t"), auth_config=auth,
            value_schema=ml.SchemaConfig(json_schema="{}")))
        call("POST", ML + "streams", body={
            "name": "pages.s.stream" + name, "source_config": {"kafka_stream_config": {"subscription_mode": {"subscribe": "t"}}},
            "connection_config": {"uc_connection_name": "c"}, "schema_config": {"direct_schemas": {"payload_schema": {"json_schema": "{}"}}},
            "ingestion_config": {"ingestion_destination": {"delta_table_name": "pages.s.raw" + name}, "deduplication_columns": ["value.id"]}})
        w.materialized_features.create_feature_tag("pages.s.p0", "a", ml.FeatureTag(key=name, value="v"))
        w.entity_tag_assignments.create(uc.EntityTagAssignment(entity_type="schemas", entity_name="pages.s", tag_key=name))
        w.recipient_federation_policies.create("idp", s.FederationPolicy(
            name=name, oidc_policy=s.OidcFederationPolicy("https://idp.example.com", "sub", "me" + name, ["aud"])))
        w.workspace_bindings.update_bindings("catalog", "pages", add=[uc.WorkspaceBinding(workspace_id=n + 1)])
        w.files.upload(f"/Volumes/pages/s/p0/{name}.txt", io.BytesIO(b"x"))
        sql(f"CREATE SCHEMA pages.shared_{name}")
        for table in ("a", "b"):
            sql(f"CREATE TABLE pages.shared_{name}.{table} (a INT)")
    for n, name in enumerate(NAMES):
        w.shares.update("all", updates=objects(f"pages.shared_{name}.a", f"pages.s.p{n}"))
    provider = next(p.name for p in w.providers.list() if p.name not in NAMES)
    profile = json.loads(activate(server, recipient(w, "reader", "all")).body)
    for name in NAMES:
        w.shares.update_permissions(name, changes=[s.PermissionsChange(add=["SELECT"], principal="reader")])
    server.profile = profile
    schema = {"catalog_name": "pages", "schema_name": "s"}
    inside = "?catalog_name=pages&schema_name=s"
    base = "/api/2.0/database/instances"
    updates = f"/api/2.0/pipelines/{pipeline}/"
    L = List
    full = "full_name"
    return [
        L("catalog.CatalogsAPI.list", w.catalogs.list, {}, UC + "catalogs", "catalogs"),
        L("catalog.MetastoresAPI.list", w.metastores.list, {}, UC + "metastores", "metastores"),
        L("catalog.SchemasAPI.list", w.schemas.list, {"catalog_name": "pages"}, UC + "schemas?catalog_name=pages", "schemas"),
        L("catalog.TablesAPI.list", w.tables.list, schema, UC + "tables" + inside, "tables"),
        L("catalog.TablesAPI.list_summaries", w.tables.list_summaries, {"catalog_name": "pages"}, UC + "table-summaries?catalog_name=pages",
          "tables", full),
        L("catalog.VolumesAPI.list", w.volumes.list, schema, UC + "volumes" + inside, "volumes"),
        L("catalog.FunctionsAPI.list", w.functions.list, schema, UC + "functions" + inside, "functions"),
        L("catalog.RegisteredModelsAPI.list", w.registered_models.list, schema, UC + "models" + inside, "registered_models"),
        L("catalog.ConnectionsAPI.list", w.connections.list, {}, UC + "connections", "connections"),
        L("catalog.CredentialsAPI.list_credentials", w.credentials.list_credentials, {}, UC + "credentials", "credentials"),
        L("catalog.StorageCredentialsAPI.list", w.storage_credentials.list, {}, UC + "storage-credentials", "storage_credentials"),
        L("catalog.ExternalLocationsAPI.list", w.external_locations.list, {}, UC + "external-locations", "external_locations"),
        L("catalog.SystemSchemasAPI.list", w.system_schemas.list, {"metastore_id": metastore.metastore_id},
          f"{UC}metastores/{metastore.metastore_id}/systemschemas", "schemas", "schema"),
        L("catalog.EntityTagAssignmentsAPI.list", w.entity_tag_assignments.list, {"entity_type": "schemas", "entity_name": "pages.s"},
          UC + "entity-tag-assignments/schemas/pages.s/tags", "tag_assignments", "tag_key"),
        L("catalog.WorkspaceBindingsAPI.get_bindings", w.workspace_bindings.get_bindings,
          {"securable_type": "catalog", "securable_name": "pages"}, UC + "bindings/catalog/pages", "bindings", "workspace_id"),
        L("catalog.ResourceQuotasAPI.list_quotas", w.resource_quotas.list_quotas, {}, UC + "resource-quotas/all-resource-quotas", "quotas",
          lambda q: (q["parent_full_name"], q["quota_name"])),
        L("sharing.SharesAPI.list_shares", w.shares.list_shares, {}, UC + "shares", "shares"),
        L("sharing.SharesAPI.share_permissions", w.shares.share_permissions, {"name": "all"}, UC + "shares/all/permissions",
          "privilege_assignments", "principal"),
        L("sharing.RecipientsAPI.list", w.recipients.list, {}, UC + "recipients", "recipients"),
        L("sharing.RecipientsAPI.share_permissions", w.recipients.share_permissions, {"name": "p0"}, UC + "recipients/p0/share-permissions",
          "permissions_out", "share_name"),
        L("sharing.ProvidersAPI.list", w.providers.list, {}, UC + "providers", "providers"),
        L("sharing.ProvidersAPI.list_shares", w.providers.list_shares, {"name": provider}, f"{UC}providers/{provider}/shares", "shares"),
        L("sharing.RecipientFederationPoliciesAPI.list", w.recipient_federation_policies.list, {"recipient_name": "idp"},
          "/api/2.0/data-sharing/recipients/idp/federation-policies", "policies"),
        L("compute.ClustersAPI.list", w.clusters.list, {}, "/api/2.1/clusters/list", "clusters", "cluster_name", size="page_size"),
        L("compute.ClustersAPI.list 2.0", None, {}, "/api/2.0/clusters/list", "clusters", "cluster_name", size="page_size"),
        L("compute.ClustersAPI.events", w.clusters.events, {"cluster_id": cluster}, "/api/2.1/clusters/events?cluster_id=" + cluster, "events",
          events, size="page_size", post=True, most=500),
        L("compute.PolicyComplianceForClustersAPI.list_compliance", w.policy_compliance_for_clusters.list_compliance, {"policy_id": policy},
          "/api/2.0/policies/clusters/list-compliance?policy_id=" + policy, "clusters", "cluster_id", size="page_size"),
        L("compute.PolicyFamiliesAPI.list", w.policy_families.list, {}, "/api/2.0/policy-families", "policy_families", "policy_family_id"),
        L("database.DatabaseAPI.list_database_instances", w.database.list_database_instances, {}, base, "database_instances", size="page_size",
          most=100),
        L("database.DatabaseAPI.list_database_instance_roles", w.database.list_database_instance_roles, {"instance_name": "instance"},
          base + "/instance/roles", "database_instance_roles", size="page_size"),
        L("database.DatabaseAPI.list_database_catalogs", w.database.list_database_catalogs, {"instance_name": "instance"},
          base + "/instance/catalogs", "database_catalogs", size="page_size"),
        L("database.DatabaseAPI.list_synced_database_tables", w.database.list_synced_database_tables, {"instance_name": "instance"},
          base + "/instance/synced_tables", "synced_tables", size="page_size"),
        L("files.FilesAPI.list_directory_contents", w.files.list_directory_contents, {"directory_path": "/Volumes/pages/s/p0"},
          "/api/2.0/fs/directories/Volumes/pages/s/p0", "contents", size="page_size", most=1000),
        L("jobs.JobsAPI.list", w.jobs.list, {}, "/api/2.2/jobs/list", "jobs", "job_id", size="limit", most=100, refused=True),
        L("jobs.JobsAPI.list 2.1", None, {}, "/api/2.1/jobs/list", "jobs", "job_id", size="limit", most=100, refused=True),
        L("jobs.JobsAPI.list_runs", w.jobs.list_runs, {}, "/api/2.2/jobs/runs/list", "runs", "run_id", size="limit", most=25, refused=True),
        L("jobs.JobsAPI.list_runs 2.1", None, {}, "/api/2.1/jobs/runs/list", "runs", "run_id", size="limit", most=25, refused=True),
        L("ml.FeatureEngineeringAPI.list_features", w.feature_engineering.list_features, schema, ML + "features" + inside, "features", full,
          size="page_size"),
        L("ml.FeatureEngineeringAPI.list_kafka_configs", w.feature_engineering.list_kafka_configs, {}, ML + "features/kafka-configs",
          "kafka_configs", size="page_size"),
        L("ml.FeatureEngineeringAPI.list_materialized_features", w.feature_engineering.list_materialized_features, {},
          ML + "materialized-features", "materialized_features", "materialized_feature_id", size="page_size", most=1000, refused=True),
        L("ml.FeatureEngineeringAPI.list_streams", w.feature_engineering.list_streams, {"parent": "pages.s"}, ML + "streams?parent=pages.s",
          "streams", size="page_size"),
        L("ml.FeatureStoreAPI.list_online_stores", w.feature_store.list_online_stores, {}, "/api/2.0/feature-store/online-stores",
          "online_stores", size="page_size"),
        L("ml.MaterializedFeaturesAPI.list_feature_tags", w.materialized_features.list_feature_tags,
          {"table_name": "pages.s.p0", "feature_name": "a"}, "/api/2.0/feature-store/feature-tables/pages.s.p0/features/a/tags",
          "feature_tags", "key", size="page_size"),
        L("pipelines.PipelinesAPI.list_pipelines", w.pipelines.list_pipelines, {}, "/api/2.0/pipelines", "statuses", most=100, refused=True),
        L("pipelines.PipelinesAPI.list_pipeline_events", w.pipelines.list_pipeline_events, {"pipeline_id": pipeline}, updates + "events",
          "events", "id"),
        L("pipelines.PipelinesAPI.list_updates", w.pipelines.list_updates, {"pipeline_id": pipeline}, updates + "updates", "updates",
          "update_id"),
        L("sql.QueryHistoryAPI.list", w.query_history.list, {}, "/api/2.0/sql/history/queries", "res", "query_id", most=1000, refused=True,
          zero_refused=True),
        L("sql.WarehousesAPI.list", w.warehouses.list, {}, "/api/2.0/sql/warehouses", "warehouses", size="page_size"),
        L("sql.WarehousesAPI.list_default_warehouse_overrides", w.warehouses.list_default_warehouse_overrides, {},
          "/api/warehouses/v1/default-warehouse-overrides", "default_warehouse_overrides", size="page_size", most=1000),
    ]


def walk(one, server, size):
    """The pages of a list, each with its items' keys."""
    pages, token = [], {}
    while True:
        answer = one.ask(server, size=size, **token)
        assert answer.status == 200, answer.body
        pages.append([one.key(item) for item in answer.json.get(one.items, [])])
        if not answer.json.get(one.next):
            return pages
        token = {"token": answer.json[one.next]}


def problems(lists, check):
    """What `check` finds in each list: {} if all is well."""
    found = {}
    for one in lists.values():
        try:
            check(one)
        except (AssertionError, LookupError) as error:
            found[one.name] = repr(error)
    return found


def test_pages_hold_all_objects_once_and_in_order(world):
    server, lists = world

    def check(one):
        everything = one.everything = [key for page in walk(one, server, 25 if one.most == 25 else 50) for key in page]
        assert len(everything) >= (4 if "PolicyFamilies" in one.name else 5), everything
        assert len(set(map(str, everything))) == len(everything), everything
        # Three pages or so; five of them with two each.
        size = one.third = max(2, -(-len(everything) // 3))
        for size in (size, len(everything)):
            assert walk(one, server, size) == [everything[n:n + size] for n in range(0, len(everything), size)], size

    assert problems(lists, check) == {}


def test_iterators_of_the_sdk(world):
    server, lists = world

    def check(one):
        if one.call is None:
            return
        found = one.call(**one.arguments, **{one.size: one.third})
        if inspect.isgenerator(found):
            found = list(found)
        else:
            # These give one page; the client asks for the next one itself.
            page, found = found, []
            while True:
                found += getattr(page, one.items)
                if not page.next_page_token:
                    break
                page = one.call(**one.arguments, **{one.size: one.third, "page_token": page.next_page_token})
        assert [one.key(item.as_dict()) for item in found] == one.everything

    assert problems(lists, check) == {}


def test_sizes_and_tokens(world):
    server, lists = world
    foreign = {}

    def check(one):
        names = {"MALFORMED_REQUEST", "INVALID_PARAMETER_VALUE", "BAD_REQUEST"}
        for query in ({"size": -1}, {"size": "x"}, {"token": "zzz"}, {"token": base64.urlsafe_b64encode(b"x" * 40).decode()}):
            if one.post and query == {"size": -1}:
                continue  # The service brings it to the range's end.
            answer = one.ask(server, **query)
            assert answer.status == 400 and answer.json["error_code"] in names and answer.json["message"], (query, answer.status, answer.body)
        token = one.ask(server, size=2).json[one.next]
        foreign[one.name] = token
        # A token may be used again, and with another size.
        assert [one.key(i) for i in one.ask(server, size=1, token=token).json[one.items]] == one.everything[2:3]
        zero = one.ask(server, size=0)
        assert zero.status == (400 if one.zero_refused else 200), zero.body
        if not one.zero_refused:
            assert len(zero.json[one.items]) >= 4
        if one.most:
            assert one.ask(server, size=one.most).status == 200
            beyond = one.ask(server, size=one.most + 1)
            assert beyond.status == (400 if one.refused else 200), beyond.body

    assert problems(lists, check) == {}
    # One list's token is none of another's.
    order = [name for name in foreign if " " not in name]
    taken = [name for name, other in zip(order, order[1:] + order[:1]) if lists[name].ask(server, size=2, token=foreign[other]).status != 400]
    assert taken == []


def test_the_table_has_every_list_of_the_sdk(world):
    _, lists = world
    there = set()
    for line in GROUPS.replace("\n  ", " ").strip().splitlines():
        module, _, names = line.partition(":")
        for group in names.split():
            kind = getattr(importlib.import_module("databricks.sdk.service." + module), group + "API")
            there |= {f"{module}.{group}API.{name}" for name, method in inspect.getmembers(kind, inspect.isfunction)
                      if "page_token" in inspect.signature(method).parameters}
    assert there - PARTS - GRANTS == {name for name in lists if " " not in name}


def test_scim_lists(world):
    server, _ = world
    w = server.client
    for kind, method in (("Users", w.users.list), ("Groups", w.groups.list), ("ServicePrincipals", w.service_principals.list)):
        path = "/api/2.0/preview/scim/v2/" + kind
        whole = server.request("GET", path).json
        ids = [r["id"] for r in whole["Resources"]]
        assert whole["totalResults"] == len(ids) == len(set(ids)) >= 5 and whole["startIndex"] == 1
        for start in range(1, len(ids) + 3, 2):
            page = server.request("GET", f"{path}?startIndex={start}&count=2").json
            assert [r["id"] for r in page["Resources"]] == ids[start - 1:start + 1]
            assert (page["totalResults"], page["startIndex"], page["itemsPerPage"]) == (len(ids), start, len(page["Resources"]))
        assert [r.id for r in method(count=2)] == ids
        assert server.request("GET", path + "?startIndex=-3&count=1").json["Resources"][0]["id"] == ids[0]
        assert server.request("GET", path + "?count=-1").json["Resources"] == []
        assert server.request("GET", path + "?count=x").status == 400
    names = [u.user_name for u in w.users.list(sort_by="userName", sort_order=ListSortOrder.DESCENDING, count=2)]
    assert names == sorted(names, reverse=True) and len(names) >= 6


def test_lists_of_the_sharing_protocol(world):
    server, _ = world
    endpoint = server.profile["endpoint"].partition("/api")[2]
    ask = lambda path, **query: server.request(
        "GET", f"/api{endpoint}{path}?{urllib.parse.urlencode(query)}", token=server.profile["bearerToken"])
    tables = lambda item: (item["schema"], item["name"])
    for path, key, count in (
        ("/shares", lambda i: i["name"], 6), ("/shares/all/schemas", lambda i: i["name"], 6),
        ("/shares/all/schemas/s/tables", tables, 5), ("/shares/all/all-tables", tables, 10),
    ):
        everything = [key(i) for i in ask(path).json["items"]]
        assert len(everything) == count and everything == sorted(everything)
        found, token = [], {}
        while True:
            page = ask(path, maxResults=2, **token).json
            assert len(page["items"]) <= 2
            found += [key(i) for i in page["items"]]
            if not page.get("nextPageToken"):
                break
            token = {"pageToken": page["nextPageToken"]}
        assert found == everything
        assert ask(path, pageToken="zzz").status == 400 and ask(path, maxResults=-1).status == 400


def test_grants_count_privileges(world):
    server, _ = world
    w = server.client
    some = [uc.Privilege.USE_CATALOG, uc.Privilege.USE_SCHEMA, uc.Privilege.SELECT, uc.Privilege.MODIFY, uc.Privilege.EXECUTE, uc.Privilege.BROWSE,
            uc.Privilege.CREATE_SCHEMA, uc.Privilege.CREATE_TABLE, uc.Privilege.CREATE_FUNCTION, uc.Privilege.APPLY_TAG]
    people = sorted(f"many{n:02}@example.com" for n in range(40))
    for name in people:
        w.users.create(user_name=name)
    w.grants.update("catalog", "p1", changes=[uc.PermissionsChange(add=some, principal=name) for name in people])
    for path, size, items in (("permissions", "max_results", "privilege_assignments"), ("effective-permissions", "max_results", "privilege_assignments"),
                              ("privilege-assignments", "page_size", "privilege_assignments"),
                              ("effective-privilege-assignments", "page_size", "effective_privilege_assignments")):
        path = f"{UC}{path}/catalog/p1"
        found, token, sizes = [], "", []
        while True:
            answer = server.request("GET", f"{path}?{size}=150{token}")
            rows = answer.json[items]
            sizes.append(sum(len(row["privileges"]) for row in rows))
            found += [row["principal"] for row in rows]
            if not answer.json.get("next_page_token"):
                break
            token = "&page_token=" + answer.json["next_page_token"]
        assert found == [row["principal"] for row in server.request("GET", path).json[items]] and set(people) <= set(found)
        assert max(sizes) <= 150 and len(sizes) == 3
        assert [server.request("GET", f"{path}?{size}={n}").status for n in (-1, 0, 1, 149, 150)] == [400, 200, 400, 400, 200]
        assert server.request("GET", f"{path}?page_token=zzz").status == 400
    assert [a.principal for a in w.grants.list("catalog", "p1", page_size=150)] == found


def test_pages_backwards(world):
    server, lists = world
    for name in ("compute.ClustersAPI.list", "compute.ClustersAPI.events", "compute.PolicyComplianceForClustersAPI.list_compliance",
                 "pipelines.PipelinesAPI.list_updates", "pipelines.PipelinesAPI.list_pipeline_events", "jobs.JobsAPI.list", "jobs.JobsAPI.list_runs"):
        one = lists[name]
        first = one.ask(server, size=2).json
        second = one.ask(server, size=2, token=first["next_page_token"]).json
        back = one.ask(server, size=2, token=second["prev_page_token"]).json
        assert "prev_page_token" not in first and back[one.items] == first[one.items], name
        assert back["next_page_token"] == first["next_page_token"], name


def test_a_page_that_begins_behind_what_is_gone(world):
    server, _ = world
    w = server.client
    made = [w.clusters.create(spark_version="15.4.x-scala2.12", num_workers=1, node_type_id="i3.xlarge", cluster_name=f"gone{n}").cluster_id
            for n in range(3)]
    path = "/api/2.1/clusters/list?page_size="
    ids = [c["cluster_id"] for c in server.request("GET", path + "100").json["clusters"]]
    place = ids.index(made[1]) + 1
    token = server.request("GET", f"{path}{place}").json["next_page_token"]
    w.clusters.permanent_delete(made[1])
    rest = server.request("GET", f"{path}100&page_token={token}").json
    assert [c["cluster_id"] for c in rest["clusters"]] == ids[place:]
