"""Tokens of other identity providers: policies by the account client, exchanged by the SDK's own credential strategies."""

import json
import time
import urllib.parse

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from databricks.sdk import AccountClient, WorkspaceClient
from databricks.sdk.core import Config
from databricks.sdk.errors import BadRequest, InvalidParameterValue, NotFound, PermissionDenied, ResourceAlreadyExists
from databricks.sdk.service.oauth2 import FederationPolicy, OidcFederationPolicy

from conftest import TOKEN, workspace_client

ACCOUNT = "11111111-2222-3333-4444-555555555555"
ISSUER = "https://idp.example.com/oidc"
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
KEYS = {"RS256": rsa.generate_private_key(65537, 2048), "ES256": ec.generate_private_key(ec.SECP256R1())}
OTHER = rsa.generate_private_key(65537, 2048)


def key_set(*algorithms):
    make = {"RS256": jwt.algorithms.RSAAlgorithm, "ES256": jwt.algorithms.ECAlgorithm}
    return json.dumps({"keys": [{**make[a].to_jwk(KEYS[a].public_key(), as_dict=True), "kid": a, "use": "sig"} for a in algorithms or make]})


def identity_token(algorithm="RS256", key=None, **claims):
    claims = {"iss": ISSUER, "aud": "databricks", "exp": int(time.time()) + 600, **claims}
    return jwt.encode(claims, key or KEYS[algorithm], algorithm, headers={"kid": algorithm})


def policy(**change):
    oidc = {"issuer": ISSUER, "audiences": ["databricks"], "jwks_json": key_set(), **change}
    return FederationPolicy(description="CI", oidc_policy=OidcFederationPolicy(**{k: v for k, v in oidc.items() if v is not None}))


@pytest.fixture
def account(server):
    return AccountClient(host=server.host, account_id=ACCOUNT, token=TOKEN)


@pytest.fixture
def robot(client):
    return client.service_principals.create(display_name="robot")


def exchange(server, token, **form):
    form = {"grant_type": EXCHANGE, "subject_token_type": "urn:ietf:params:oauth:token-type:jwt", "subject_token": token, **form}
    return server.request("POST", "/oidc/v1/token", urllib.parse.urlencode(form).encode(), token=None,
                          headers={"Content-Type": "application/x-www-form-urlencoded"})


def test_workload_identity_from_a_file(server, account, robot, tmp_path):
    made = account.service_principal_federation_policy.create(int(robot.id), policy(subject="repo:acme/app:ref"), policy_id="ci")
    assert made.name == f"accounts/{ACCOUNT}/servicePrincipals/{robot.id}/federationPolicies/ci"
    assert (made.policy_id, made.service_principal_id, made.description) == ("ci", int(robot.id), "CI")
    file = tmp_path / "token"
    file.write_text(identity_token(sub="repo:acme/app:ref"))

    def connect():
        return WorkspaceClient(
            config=Config(host=server.host, client_id=robot.application_id, auth_type="file-oidc", oidc_token_filepath=str(file)))

    client = connect()
    assert client.current_user.me().user_name == robot.application_id
    # A token from the same provider for another workload.
    file.write_text(identity_token(sub="repo:acme/other:ref"))
    with pytest.raises(ValueError, match="subject is not the federation policy's"):
        connect().current_user.me()


def test_account_wide_from_the_environment(server, client, account, monkeypatch):
    client.users.create(user_name="una@example.com")
    account.federation_policy.create(policy())
    monkeypatch.setenv("DATABRICKS_OIDC_TOKEN", identity_token("ES256", sub="una@example.com"))
    una = WorkspaceClient(host=server.host, auth_type="env-oidc")
    assert una.current_user.me().user_name == "una@example.com"
    with pytest.raises(PermissionDenied):
        una.catalogs.create(name="c")
    monkeypatch.setenv("MY_TOKEN", identity_token(sub="nobody@example.com"))
    with pytest.raises(ValueError, match="no user"):
        WorkspaceClient(config=Config(host=server.host, auth_type="env-oidc", oidc_token_env="MY_TOKEN")).current_user.me()


def test_subject_claim_and_default_audience(server, client, account):
    client.users.create(user_name="una@example.com")
    account.federation_policy.create(policy(audiences=None, subject_claim="email"))
    answer = exchange(server, identity_token(sub="x", email="una@example.com", aud=["other", ACCOUNT]), scope="sql")
    assert answer.status == 200
    assert (answer.json["token_type"], answer.json["scope"], answer.json["expires_in"]) == ("Bearer", "sql", 3600)
    assert workspace_client(server, token=answer.json["access_token"]).current_user.me().user_name == "una@example.com"
    assert exchange(server, identity_token(sub="x", email="una@example.com", aud="databricks")).status == 400


@pytest.mark.parametrize("change, reason", [
    (dict(key=OTHER), "signature"), (dict(iss="https://evil.example.com"), "issuer"), (dict(aud="x"), "audience"), (dict(exp=10), "expired"),
    (dict(nbf=int(time.time()) + 3600), "not valid yet"), (dict(sub="eve@example.com"), "no user"),
])
def test_refused_tokens(server, account, change, reason):
    account.federation_policy.create(policy())
    assert exchange(server, identity_token(sub="admin@example.com")).status == 200
    answer = exchange(server, identity_token(**{"sub": "admin@example.com", **change}))
    assert (answer.status, answer.json["error"]) == (400, "invalid_request")
    assert reason in answer.json["error_description"]


def test_forged_and_malformed_tokens(server, account):
    account.federation_policy.create(policy())
    head, body, signature = identity_token(sub="admin@example.com").split(".")
    unsigned = jwt.encode({"iss": ISSUER, "aud": "databricks", "sub": "admin@example.com", "exp": 1 << 40}, "", "none")
    shared = jwt.encode({"iss": ISSUER, "aud": "databricks", "sub": "admin@example.com", "exp": 1 << 40}, "k" * 40, "HS256")
    for token in ["", "x", "a.b.c", unsigned, shared, f"{head}.{body}.", f"{head}.{body}.{signature[:-4]}AAAA", f"{head}.{signature}.{body}",
                  f"{head}.{body}", "." * 2000, "eyJ" * 20000]:
        answer = exchange(server, token)
        assert (answer.status, answer.json["error"]) == (400, "invalid_request"), token[:80]
    assert exchange(server, identity_token(sub="admin@example.com"), subject_token_type="x").status == 400
    # What is not simulated is refused by its name.
    answer = exchange(server, identity_token(sub="admin@example.com"), assume_group="1")
    assert answer.status == 501 and "assume_group" in answer.json["error_description"]


def test_keys_are_not_fetched(server, account):
    account.federation_policy.create(policy(jwks_json=None))
    answer = exchange(server, identity_token(sub="admin@example.com"))
    assert answer.status == 501 and ISSUER in answer.json["error_description"]


def test_policies(server, client, account, robot):
    number = int(robot.id)
    for bad in [policy(issuer=None), policy(issuer="x"), policy(subject="x"), policy(jwks_json="{"), policy(jwks_uri="https://x")]:
        with pytest.raises(BadRequest):
            account.federation_policy.create(bad)
    with pytest.raises(InvalidParameterValue):
        account.federation_policy.create(policy(), policy_id="Upper")
    with pytest.raises(BadRequest):
        account.service_principal_federation_policy.create(number, policy())
    with pytest.raises(NotFound):
        account.service_principal_federation_policy.create(1, policy(subject="s"))
    assert list(account.federation_policy.list()) == []
    made = [account.federation_policy.create(policy(), policy_id=f"p{n}") for n in range(3)]
    with pytest.raises(ResourceAlreadyExists):
        account.federation_policy.create(policy(), policy_id="p1")
    assert [p.policy_id for p in account.federation_policy.list(page_size=2)] == ["p0", "p1", "p2"]
    assert account.federation_policy.get("p2") == made[2]
    # One name for the account and for a service principal are two policies.
    account.service_principal_federation_policy.create(number, policy(subject="s"), policy_id="p1")
    changed = account.federation_policy.update(
        "p1", FederationPolicy(description="new", oidc_policy=OidcFederationPolicy(audiences=["a"])), update_mask="oidc_policy.audiences")
    assert (changed.description, changed.oidc_policy.audiences, changed.oidc_policy.issuer) == ("CI", ["a"], ISSUER)
    assert account.federation_policy.update("p1", FederationPolicy(description="new")).description == "new"
    with pytest.raises(BadRequest):
        account.federation_policy.update("p1", FederationPolicy(oidc_policy=OidcFederationPolicy(issuer="x")))
    account.federation_policy.delete("p1")
    with pytest.raises(NotFound):
        account.federation_policy.get("p1")
    assert [p.policy_id for p in account.service_principal_federation_policy.list(number)] == ["p1"]
    client.users.create(user_name="una@example.com")
    account.federation_policy.create(policy(), policy_id="open")
    token = exchange(server, identity_token(sub="una@example.com")).json["access_token"]
    with pytest.raises(PermissionDenied):
        AccountClient(host=server.host, account_id=ACCOUNT, token=token).federation_policy.delete("open")


def test_tokens_are_in_no_journal(server, account):
    account.federation_policy.create(policy())
    token = identity_token(sub="admin@example.com")
    granted = exchange(server, token).json["access_token"]
    server.request("GET", "/api/2.0/preview/scim/v2/Me", token=granted)
    journal = server.control("GET", "journal").body.decode()
    assert token not in journal and token.split(".")[2] not in journal and granted not in journal
