"""Secrets as objects of Unity Catalog: by the SDK."""

import pytest
from databricks.sdk.common.types.fieldmask import FieldMask
from databricks.sdk.errors import DatabricksError, InvalidParameterValue, NotFound, PermissionDenied
from databricks.sdk.service import catalog as uc
from google.protobuf.timestamp_pb2 import Timestamp

from conftest import workspace_client

VALUE = "hush-4711-very-secret"
API = "/api/2.1/unity-catalog/"


def make(client, name="key", schema="vault", value=VALUE, **more):
    return client.secrets_uc.create_secret(uc.Secret(name=name, catalog_name="main", schema_name=schema, value=value, **more))


@pytest.fixture
def vault(client):
    return client.schemas.create("vault", "main").full_name


@pytest.fixture
def stranger(server, client):
    principal = client.service_principals.create(display_name="stranger")
    token = client.token_management.create_obo_token(principal.application_id, lifetime_seconds=3600).token_value
    own = workspace_client(server, token=token)
    own.name = principal.application_id
    return own


def grant(server, kind, name, principal, *add, remove=()):
    answer = server.request("PATCH", f"{API}permissions/{kind}/{name}", {"changes": [{"principal": principal, "add": list(add), "remove": list(remove)}]})
    assert answer.status == 200, answer.body
    return answer.json


def test_life_of_a_secret(server, client, vault):
    expire = Timestamp()
    expire.FromJsonString("2027-01-01T00:00:00Z")
    made = make(client, comment="for the bank", expire_time=expire)
    assert (made.full_name, made.owner, made.effective_owner, made.comment, made.value, made.effective_value) == (
        "main.vault.key", "admin@example.com", "admin@example.com", "for the bank", None, None)
    assert made.expire_time.ToJsonString() == "2027-01-01T00:00:00Z" and made.created_by == "admin@example.com"
    assert client.secrets_uc.get_secret("main.vault.key") == made
    assert client.secrets_uc.get_secret("main.vault.key", include_value=True).effective_value == VALUE
    assert [s.name for s in client.secrets_uc.list_secrets(catalog_name="main", schema_name="vault")] == ["key"]
    update = lambda *paths, **fields: client.secrets_uc.update_secret(
        "main.vault.key", uc.Secret(**{"name": "key", "catalog_name": "main", "schema_name": "vault", "value": "other", **fields}), FieldMask(list(paths)))
    assert update("comment", comment="new").comment == "new"
    assert client.secrets_uc.get_secret("main.vault.key", include_value=True).effective_value == VALUE
    update("*")
    changed = client.secrets_uc.get_secret("main.vault.key", include_value=True)
    assert (changed.effective_value, changed.comment) == ("other", "new")
    for paths in (["name"], ["owner"], ["nope"]):
        with pytest.raises(InvalidParameterValue):
            update(*paths)
    with pytest.raises(DatabricksError, match="already exists"):
        make(client)
    with pytest.raises(NotFound):
        make(client, schema="nobody")
    with pytest.raises(InvalidParameterValue):
        make(client, "large", value="x" * (60 * 1024 + 1))
    make(client, "largest", value="x" * (60 * 1024))
    make(client, "another")
    assert [s.full_name for s in client.secrets_uc.list_secrets(page_size=1)] == ["main.vault.another", "main.vault.key", "main.vault.largest"]
    for query in ("catalog_name=main", "page_size=-1"):
        assert server.request("GET", f"{API}secrets?{query}").status == 400
    # In no list, and in no journal.
    assert VALUE.encode() not in server.request("GET", API + "secrets").body
    assert VALUE.encode() not in server.request("GET", "/_dbxsim/journal?limit=1000").body
    client.secrets_uc.delete_secret("main.vault.key")
    with pytest.raises(NotFound):
        client.secrets_uc.get_secret("main.vault.key")
    client.schemas.delete(vault, force=True)
    assert list(client.secrets_uc.list_secrets()) == []


def test_privileges(server, client, vault, stranger):
    make(client)
    name = "main.vault.key"
    with pytest.raises(PermissionDenied):
        make(stranger, "own")
    grant(server, "schema", vault, stranger.name, "CREATE_SECRET", "USE_SCHEMA")
    own = make(stranger, "own", value="mine")
    assert own.owner == stranger.name
    assert stranger.secrets_uc.get_secret(own.full_name, include_value=True).effective_value == "mine"
    # Who reads a value must manage the secret, and hold READ SECRET beside.
    with pytest.raises(PermissionDenied):
        stranger.secrets_uc.get_secret(name)
    told = grant(server, "secret", name, stranger.name, "MANAGE")
    assert told["privilege_assignments"] == [{"principal": stranger.name, "privileges": ["MANAGE"]}]
    assert stranger.secrets_uc.get_secret(name).full_name == name
    with pytest.raises(PermissionDenied, match="READ SECRET"):
        stranger.secrets_uc.get_secret(name, include_value=True)
    grant(server, "secret", name, stranger.name, "READ_SECRET")
    assert stranger.secrets_uc.get_secret(name, include_value=True).effective_value == VALUE
    grant(server, "secret", name, stranger.name, remove=["MANAGE"])
    with pytest.raises(PermissionDenied):
        stranger.secrets_uc.get_secret(name, include_value=True)
    assert [s.name for s in stranger.secrets_uc.list_secrets()] == ["own"]
    for refused in (
            lambda: stranger.secrets_uc.delete_secret(name),
            lambda: stranger.secrets_uc.update_secret(
                name, uc.Secret(name="key", catalog_name="main", schema_name="vault", value="x"), FieldMask(["value"]))):
        with pytest.raises(PermissionDenied):
            refused()
    # Inherited from the schema; and by another owner.
    grant(server, "schema", vault, stranger.name, "MANAGE", "READ_SECRET")
    assert stranger.secrets_uc.get_secret(name, include_value=True).effective_value == VALUE
    grant(server, "schema", vault, stranger.name, remove=["MANAGE", "READ_SECRET"])
    client.secrets_uc.update_secret(
        name, uc.Secret(name="key", catalog_name="main", schema_name="vault", value="x", owner=stranger.name), FieldMask(["owner"]))
    assert stranger.secrets_uc.get_secret(name, include_value=True).effective_value == VALUE
    refusal = server.request("PATCH", f"{API}permissions/table/{name}", {"changes": []})
    assert refusal.status == 404


def test_strict_servers_know_the_privileges(start):
    server = start("serve", "--port", 0, "--strict")
    change = lambda privilege: server.request(
        "PATCH", API + "permissions/catalog/main", {"changes": [{"principal": "account users", "add": [privilege]}]})
    assert change("CREATE_SECRET").status == 200
    assert change("MAKE_SECRET").status == 400
    refused = server.request("POST", "/api/2.0/postgres/projects?project_id=shop", {"spec": {"nope": 1}})
    assert (refused.status, refused.json["message"]) == (400, "Unknown field 'spec.nope' in the request body.")
    assert server.request("POST", "/api/2.0/postgres/projects?project_id=shop", {"spec": {"pg_version": 16}}).status == 200
    refused = server.request("GET", "/api/2.0/postgres/projects/shop/branches?nope=1")
    assert (refused.status, refused.json["message"]) == (400, "Unknown query parameter 'nope'.")
