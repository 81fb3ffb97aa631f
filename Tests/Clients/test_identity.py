"""Who may speak: tokens, OAuth client credentials, refusals."""

import urllib.parse

import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import PermissionDenied, Unauthenticated

from conftest import TOKEN, workspace_client

ME = "/api/2.0/preview/scim/v2/Me"


def test_current_user(client):
    me = client.current_user.me()
    assert me.user_name == "admin@example.com"
    assert me.active is True
    assert "admins" in [g.display for g in me.groups]


def test_workspace_id(client, server):
    answer = server.request("GET", ME)
    assert int(answer.headers["x-databricks-org-id"]) == client.get_workspace_id()


def test_wrong_token(server):
    answer = server.request("GET", ME, token="dapi-wrong")
    assert (answer.status, answer.json) == (403, {"error_code": 403, "message": "Invalid access token."})
    assert answer.headers["x-databricks-reason-phrase"] == "Invalid access token."
    with pytest.raises(PermissionDenied):
        workspace_client(server, token="dapi-wrong").current_user.me()


def test_no_token(server):
    answer = server.request("GET", ME, token=None)
    assert answer.status == 401
    assert answer.headers["www-authenticate"] == 'Bearer realm="DatabricksRealm"'
    assert answer.json == {
        "error_code": 401, "message": "Credential was not sent or was of an unsupported type for this API."}


def test_personal_access_token(server, client):
    made = client.tokens.create(comment="ci", lifetime_seconds=3600)
    assert made.token_value.startswith("dapi")
    other = workspace_client(server, token=made.token_value)
    assert other.current_user.me().user_name == "admin@example.com"
    listed = [t for t in client.tokens.list() if t.comment == "ci"]
    assert [t.token_id for t in listed] == [made.token_info.token_id]
    assert listed[0].expiry_time - listed[0].creation_time == 3600 * 1000
    client.tokens.delete(made.token_info.token_id)
    with pytest.raises(PermissionDenied):
        other.current_user.me()


def test_oauth_client_credentials(server, client):
    principal = client.service_principals.create(display_name="robot")
    secret = client.service_principal_secrets_proxy.create(service_principal_id=int(principal.id))
    robot = WorkspaceClient(host=server.host, client_id=principal.application_id, client_secret=secret.secret)
    me = robot.current_user.me()
    assert me.user_name == principal.application_id
    assert me.display_name == "robot"


def test_oauth_wrong_secret(server, client):
    principal = client.service_principals.create(display_name="robot")
    form = urllib.parse.urlencode({
        "grant_type": "client_credentials", "scope": "all-apis",
        "client_id": principal.application_id, "client_secret": "wrong"}).encode()
    answer = server.request(
        "POST", "/oidc/v1/token", form, token=None, headers={"Content-Type": "application/x-www-form-urlencoded"})
    assert (answer.status, answer.json["error"]) == (401, "invalid_client")
    assert "wrong" not in answer.body.decode()


def test_discovery(server):
    config = server.request("GET", "/.well-known/databricks-config", token=None).json
    assert config["oidc_endpoint"] == server.host + "/oidc"
    document = server.request("GET", "/oidc/.well-known/oauth-authorization-server", token=None).json
    assert document["token_endpoint"] == server.host + "/oidc/v1/token"


def test_secrets_are_in_no_journal(server, client):
    made = client.tokens.create(comment="hidden")
    workspace_client(server, token=made.token_value).current_user.me()
    journal = server.control("GET", "journal").body.decode()
    assert "token_value" in journal
    assert made.token_value not in journal
    assert TOKEN not in journal
