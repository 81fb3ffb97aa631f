"""Secret scopes by the SDK: values, access lists, and who may do what."""

import base64

import pytest
from databricks.sdk.errors import BadRequest, InvalidParameterValue, NotFound, PermissionDenied, ResourceAlreadyExists
from databricks.sdk.service.workspace import AclPermission

from conftest import workspace_client


@pytest.fixture
def scope(client):
    client.secrets.create_scope("app")
    return "app"


def robot(server, client, name="robot"):
    principal = client.service_principals.create(display_name=name)
    secret = client.service_principal_secrets_proxy.create(service_principal_id=int(principal.id)).secret
    return principal, workspace_client(server, client_id=principal.application_id, client_secret=secret)


def test_round_trip(client, scope):
    client.secrets.put_secret(scope, "text", string_value="geheim é")
    client.secrets.put_secret(scope, "bytes", bytes_value=base64.b64encode(b"\x00\xff").decode())
    assert [s.key for s in client.secrets.list_secrets(scope)] == ["bytes", "text"]
    assert base64.b64decode(client.secrets.get_secret(scope, "text").value).decode() == "geheim é"
    assert base64.b64decode(client.secrets.get_secret(scope, "bytes").value) == b"\x00\xff"
    assert client.dbutils.secrets.get(scope, "text") == "geheim é"
    client.secrets.put_secret(scope, "text", string_value="neu")
    assert client.dbutils.secrets.get(scope, "text") == "neu"
    client.secrets.delete_secret(scope, "text")
    with pytest.raises(NotFound):
        client.secrets.get_secret(scope, "text")
    client.secrets.delete_scope(scope)
    assert list(client.secrets.list_scopes()) == []


def test_names_and_values_are_checked(client, scope):
    with pytest.raises(ResourceAlreadyExists) as taken:
        client.secrets.create_scope("app")
    assert str(taken.value) == "Scope app already exists!"
    for bad in ["", "a b", "ü", "x" * 129]:
        with pytest.raises((InvalidParameterValue, BadRequest)):
            client.secrets.create_scope(bad)
    with pytest.raises(InvalidParameterValue):
        client.secrets.put_secret(scope, "k", string_value="x" * (128 * 1024 + 1))
    with pytest.raises(BadRequest):
        client.secrets.put_secret(scope, "k")
    with pytest.raises(NotFound) as missing:
        client.secrets.put_secret("none", "k", string_value="x")
    assert str(missing.value) == "Scope none does not exist!"
    assert list(client.secrets.list_secrets(scope)) == []


def test_access_lists_are_enforced(server, client, scope):
    principal, bot = robot(server, client)
    client.secrets.put_secret(scope, "k", string_value="v")
    for refused in [lambda: bot.secrets.get_secret(scope, "k"), lambda: list(bot.secrets.list_secrets(scope)),
                    lambda: bot.secrets.put_secret(scope, "k", string_value="w"), lambda: bot.secrets.delete_scope(scope)]:
        with pytest.raises(PermissionDenied):
            refused()
    assert list(bot.secrets.list_scopes()) == []
    client.secrets.put_acl(scope, principal.application_id, AclPermission.READ)
    assert bot.dbutils.secrets.get(scope, "k") == "v"
    with pytest.raises(PermissionDenied):
        bot.secrets.put_secret(scope, "k", string_value="w")
    client.secrets.put_acl(scope, principal.application_id, AclPermission.WRITE)
    bot.secrets.put_secret(scope, "k", string_value="w")
    with pytest.raises(PermissionDenied):
        list(bot.secrets.list_acls(scope))
    assert [(a.principal, a.permission) for a in client.secrets.list_acls(scope)] == sorted(
        [("admin@example.com", AclPermission.MANAGE), (principal.application_id, AclPermission.WRITE)])
    client.secrets.delete_acl(scope, principal.application_id)
    with pytest.raises(PermissionDenied):
        bot.secrets.get_secret(scope, "k")
    with pytest.raises(NotFound):
        client.secrets.get_acl(scope, principal.application_id)
    with pytest.raises(NotFound):
        client.secrets.put_acl(scope, "nobody@example.com", AclPermission.READ)


def test_groups_give_access(server, client, scope):
    principal, bot = robot(server, client)
    client.secrets.put_secret(scope, "k", string_value="v")
    client.secrets.put_acl(scope, "users", AclPermission.READ)
    with pytest.raises(PermissionDenied):
        bot.secrets.delete_secret(scope, "k")
    assert bot.dbutils.secrets.get(scope, "k") == "v"


def test_values_stay_out_of_the_journal(server, client, scope):
    client.secrets.put_secret(scope, "k", string_value="hunter2-not-shown")
    client.secrets.get_secret(scope, "k")
    seen = server.control("GET", "journal").body
    assert b"hunter2-not-shown" not in seen and base64.b64encode(b"hunter2-not-shown") not in seen
