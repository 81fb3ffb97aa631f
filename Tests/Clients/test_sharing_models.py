"""Registered models in shares: versions are made as MLflow's client makes them, and recipients list them and read their files."""

import pyarrow.fs
import pytest
from databricks.sdk.errors import BadRequest, NotFound, PermissionDenied
from databricks.sdk.service import sharing as s

from sharing_support import here, objects, other, shared, shop  # noqa: F401
from test_sharing_received import robot

ROOT = "/api/2.0/mlflow/unity-catalog/model-versions/"
MODEL = s.SharedDataObjectDataObjectType.MODEL


def do(workspace, method, path, **body):
    return workspace.client.api_client.do(method, ROOT + path, **({"query": body} if method == "GET" else {"body": body}))


def files(server, workspace, name, version, operation="READ"):
    answer = do(workspace, "POST", "generate-temporary-credentials", name=name, version=version, operation="MODEL_VERSION_OPERATION_" + operation)
    aws = answer["credentials"]["aws_temp_credentials"]
    place = do(workspace, "GET", "get-download-uri", name=name, version=version)["artifact_uri"]
    return pyarrow.fs.S3FileSystem(
        endpoint_override=server.host.removeprefix("http://"), scheme="http", region="us-west-2", access_key=aws["access_key_id"],
        secret_key=aws["secret_access_key"], session_token=aws["session_token"]), place.removeprefix("s3://")


def put(system, path, content):
    with system.open_output_stream(path) as stream:
        stream.write(content)


def version(server, workspace, name, content, **more):
    made = do(workspace, "POST", "create", name=name, source="runs:/abc/model", **more)["model_version"]
    assert made["status"] == "PENDING_REGISTRATION"
    system, place = files(server, workspace, name, made["version"], "READ_WRITE")
    put(system, place + "/MLmodel", content)
    done = do(workspace, "POST", "finalize", name=name, version=made["version"])["model_version"]
    assert done["status"] == "READY"
    return done


@pytest.fixture
def model(server, here):
    here.client.registered_models.create(catalog_name="main", schema_name="shop", name="scorer", comment="scores")
    version(server, here, "main.shop.scorer", b"one", run_id="abc", description="first")
    version(server, here, "main.shop.scorer", b"two")
    here.client.registered_models.set_alias("main.shop.scorer", "champion", 2)
    return "main.shop.scorer"


def test_versions(server, here, model):
    w = here.client
    listed = list(w.model_versions.list(model))
    assert [(x.version, x.status.value, x.comment, x.source) for x in listed] == [
        (1, "READY", "first", "runs:/abc/model"), (2, "READY", None, "runs:/abc/model")]
    assert w.model_versions.get_by_alias(model, "champion").version == 2
    assert do(here, "GET", "get", name=model, version="2")["model_version"]["aliases"] == [{"alias": "champion", "version": "2"}]
    system, place = files(server, here, model, "1")
    assert place == listed[0].storage_location.removeprefix("s3://")
    assert system.open_input_stream(place + "/MLmodel").read() == b"one"
    with pytest.raises(OSError):
        put(system, place + "/MLmodel", b"changed")
    # Files are written once; neither is a version made ready twice.
    with pytest.raises(BadRequest):
        files(server, here, model, "1", "READ_WRITE")
    with pytest.raises(BadRequest):
        do(here, "POST", "finalize", name=model, version="1")
    for bad in ("0", "x", "-1", "9" * 30):
        with pytest.raises(BadRequest):
            do(here, "GET", "get", name=model, version=bad)
    with pytest.raises(NotFound):
        do(here, "GET", "get", name=model, version="3")
    with pytest.raises(BadRequest):
        do(here, "POST", "create", name=model)
    # Who has no EXECUTE has no files.
    theirs = robot(here)
    with pytest.raises(PermissionDenied):
        theirs.api_client.do("POST", ROOT + "generate-temporary-credentials", body={
            "name": model, "version": "1", "operation": "MODEL_VERSION_OPERATION_READ"})


@pytest.fixture
def bought(here, other, shared, model):
    here.client.shares.update("sales", updates=objects(model, data_object_type=MODEL, shared_as="ml.scorer"))
    other.client.catalogs.create("bought", provider_name=shared, share_name="sales")
    return other


def test_recipients_see_models(server, here, bought, shared):
    w = bought.client
    found = next(iter(w.registered_models.list(catalog_name="bought", schema_name="ml")))
    assert (found.full_name, found.comment, found.storage_location) == ("bought.ml.scorer", "scores", None)
    assert [(x.version, x.status.value, x.comment, x.storage_location, x.source) for x in w.model_versions.list("bought.ml.scorer")] == [
        (1, "READY", "first", None, None), (2, "READY", None, None, None)]
    assert w.model_versions.get_by_alias("bought.ml.scorer", "champion").version == 2
    assets = w.providers.list_provider_share_assets(shared, "sales")
    assert [(x.schema, x.name, x.securable_kind.value, [(a.alias_name, a.version_num) for a in x.aliases]) for x in assets.functions] == [
        ("ml", "scorer", "FUNCTION_REGISTERED_MODEL", [("champion", 2)])]
    system, place = files(server, bought, "bought.ml.scorer", "2")
    assert system.open_input_stream(place + "/MLmodel").read() == b"two"
    with pytest.raises(OSError):
        put(system, place + "/MLmodel", b"changed")
    # Credentials of one version read no other.
    with pytest.raises(OSError):
        system.open_input_stream(files(server, bought, "bought.ml.scorer", "1")[1] + "/MLmodel").read()
    # What the provider adds is there at once, under the same id.
    version(server, here, "main.shop.scorer", b"three")
    here.client.registered_models.set_alias("main.shop.scorer", "champion", 3)
    assert [x.version for x in w.model_versions.list("bought.ml.scorer")] == [1, 2, 3]
    assert w.model_versions.get_by_alias("bought.ml.scorer", "champion").version == 3
    here.client.model_versions.delete("main.shop.scorer", 1)
    assert [x.version for x in w.model_versions.list("bought.ml.scorer")] == [2, 3]


def test_received_models_are_read_only_and_taken_back(server, here, bought):
    w = bought.client
    refused = [
        lambda: w.registered_models.update("bought.ml.scorer", comment="mine"), lambda: w.registered_models.delete("bought.ml.scorer"),
        lambda: w.registered_models.set_alias("bought.ml.scorer", "mine", 1), lambda: w.registered_models.delete_alias("bought.ml.scorer", "champion"),
        lambda: w.model_versions.update("bought.ml.scorer", 1, comment="mine"), lambda: w.model_versions.delete("bought.ml.scorer", 1),
        lambda: w.registered_models.create(catalog_name="bought", schema_name="ml", name="mine"),
        lambda: do(bought, "POST", "create", name="bought.ml.scorer", source="x"), lambda: do(bought, "POST", "finalize", name="bought.ml.scorer", version="1"),
        lambda: files(server, bought, "bought.ml.scorer", "1", "READ_WRITE"),
    ]
    for call in refused:
        with pytest.raises(PermissionDenied):
            call()
    theirs = robot(bought)
    with pytest.raises(PermissionDenied):
        theirs.model_versions.get("bought.ml.scorer", 1)
    bought.sql(f"GRANT USE CATALOG, USE SCHEMA, EXECUTE ON CATALOG bought TO `{theirs.current_user.me().user_name}`")
    assert theirs.model_versions.get("bought.ml.scorer", 1).version == 1
    here.client.shares.update("sales", updates=[s.SharedDataObjectUpdate(
        s.SharedDataObjectUpdateAction.REMOVE, s.SharedDataObject("main.shop.scorer", data_object_type=MODEL))])
    with pytest.raises(NotFound):
        w.registered_models.get("bought.ml.scorer")
    with pytest.raises(NotFound):
        files(server, bought, "bought.ml.scorer", "1")
    assert [x.version for x in here.client.model_versions.list("main.shop.scorer")] == [1, 2]


def test_models_of_shared_schemas(server, here, other, shared, model):
    here.client.shares.create("all")
    here.client.shares.update("all", updates=objects("main.shop", data_object_type=s.SharedDataObjectDataObjectType.SCHEMA))
    here.client.shares.update_permissions("all", changes=[s.PermissionsChange(add=["SELECT"], principal="other")])
    other.client.catalogs.create("whole", provider_name=shared, share_name="all")
    assert [x.full_name for x in other.client.registered_models.list()] == ["whole.shop.scorer"]
    system, place = files(server, other, "whole.shop.scorer", "1")
    assert system.open_input_stream(place + "/MLmodel").read() == b"one"
