"""OAuth of users: the SDK's browser flow, refresh by the clock, and token endpoints in Azure's style."""

import base64
import hashlib
import urllib.parse

import pytest
import requests
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import DatabricksError
from databricks.sdk.oauth import ClientCredentials, OAuthClient, OidcEndpoints

from conftest import Server, workspace_client


@pytest.fixture(scope="module")
def shared_server():
    server = Server("serve", "--port", 0, "--seed", 7, "--clock", "virtual", "--oauth-ttl", "10m")
    yield server
    assert server.stop() == 0


VERIFIER = "v" * 64
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
REDIRECT = "http://localhost:8020"


def authorize(server, **change):
    query = {"client_id": "databricks-cli", "redirect_uri": REDIRECT, "response_type": "code", "state": "s 1", "scope": "all-apis offline_access",
             "code_challenge": CHALLENGE, "code_challenge_method": "S256", **change}
    answer = requests.get(server.host + "/oidc/v1/authorize", params={k: v for k, v in query.items() if v is not None}, allow_redirects=False, timeout=30)
    if answer.status_code != 302:
        return answer
    assert answer.headers["location"].startswith(query["redirect_uri"])
    return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(answer.headers["location"]).query))


def token(server, **form):
    return requests.post(server.host + "/oidc/v1/token", data=form, timeout=30)


def redeem(server, code, **change):
    return token(server, **{"grant_type": "authorization_code", "client_id": "databricks-cli", "code": code, "redirect_uri": REDIRECT,
                            "code_verifier": VERIFIER, **change})


def me(server, access):
    return server.request("GET", "/api/2.0/preview/scim/v2/Me", token=access)


def test_the_flow_of_the_sdk(server, client):
    client.users.create(user_name="ann@example.com")
    endpoints = OidcEndpoints(server.host + "/oidc/v1/authorize", server.host + "/oidc/v1/token")
    oauth = OAuthClient(oidc_endpoints=endpoints, redirect_url=REDIRECT, client_id="databricks-cli", scopes=["all-apis", "offline_access"])
    consent = oauth.initiate_consent()
    answer = requests.get(consent.authorization_url + "&login_hint=ann@example.com", allow_redirects=False, timeout=30)
    query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(answer.headers["location"]).query))
    session = consent.exchange_callback_parameters(query)
    ann = session.token().access_token
    assert me(server, ann).json["userName"] == "ann@example.com"
    server.control("POST", "clock", {"advance": "11m"})
    expired = me(server, ann)
    assert (expired.status, expired.json["error_code"]) == (401, 401) and "invalid_token" in expired.headers["www-authenticate"]
    fresh = session.refresh().access_token
    assert fresh != ann and me(server, fresh).json["userName"] == "ann@example.com"


def test_codes_are_used_once_and_by_whom_they_are_for(server):
    code = authorize(server)["code"]
    assert authorize(server)["state"] == "s 1"
    assert redeem(server, code).status_code == 200
    assert redeem(server, code).json()["error"] == "invalid_grant"
    for change in ({"client_id": "other"}, {"redirect_uri": "http://localhost:1"}, {"code_verifier": "x" * 64}):
        answer = redeem(server, authorize(server)["code"], **change)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    code = authorize(server)["code"]
    server.control("POST", "clock", {"advance": "10m"})
    assert redeem(server, code).json()["error"] == "invalid_grant"
    plain = redeem(server, authorize(server, scope="all-apis")["code"]).json()
    assert "refresh_token" not in plain and me(server, plain["access_token"]).json["userName"] == "admin@example.com"


def test_the_page_refuses(server):
    assert authorize(server, redirect_uri="http://evil.example.com/").json()["error"] == "invalid_request"
    assert authorize(server, client_id=None).json()["error"] == "invalid_request"
    assert authorize(server, code_challenge=None)["error"] == "invalid_request"
    assert authorize(server, response_type="token")["error"] == "unsupported_response_type"
    assert authorize(server, login_hint="nobody@example.com")["error"] == "access_denied"


def test_refresh_ends(server, client):
    made = client.users.create(user_name="bob@example.com")
    granted = redeem(server, authorize(server, login_hint="bob@example.com")["code"]).json()
    form = {"grant_type": "refresh_token", "client_id": "databricks-cli", "refresh_token": granted["refresh_token"]}
    assert token(server, **form).status_code == 200
    assert token(server, **{**form, "client_id": "other"}).json()["error"] == "invalid_grant"
    client.users.delete(made.id)
    assert token(server, **form).json()["error"] == "invalid_grant"
    assert me(server, granted["access_token"]).status == 403
    assert granted["refresh_token"] not in server.control("GET", "journal").body.decode()


def test_codes_of_another_workspace(server):
    made = server.control("POST", "workspaces", {"name": "other"}).json
    code = authorize(server, o=str(made["workspace_id"]))["code"]
    access = redeem(server, code).json()["access_token"]
    assert int(me(server, access).headers["x-databricks-org-id"]) == int(made["workspace_id"])
    assert server.control("DELETE", f"workspaces/{made['workspace_id']}").status == 200


def test_azure_style(server, client):
    principal = client.service_principals.create(display_name="robot")
    secret = client.service_principal_secrets_proxy.create(service_principal_id=int(principal.id))
    config = WorkspaceClient(host=server.host, token="x").config
    config.load_azure_tenant_id()
    assert config.azure_tenant_id and len(config.azure_tenant_id) == 36
    source = ClientCredentials(
        client_id=principal.application_id, client_secret=secret.secret, token_url=f"{server.host}/{config.azure_tenant_id}/oauth2/token",
        endpoint_params={"resource": "2ff814a6-3304-4ab8-85cb-cd0e6f879c1d"}, use_params=True)
    assert workspace_client(server, token=source.token().access_token).current_user.me().display_name == "robot"
    answer = requests.post(f"{server.host}/{config.azure_tenant_id}/oauth2/v2.0/token", data={
        "grant_type": "client_credentials", "client_id": principal.application_id, "client_secret": "wrong"}, timeout=30)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
