"""Recipients that come with tokens of their own identity provider: PyPI's delta-sharing with OAuth client credentials, and raw tokens."""

import http.server
import json
import threading
import time
import urllib.parse

import delta_sharing
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from databricks.sdk.service import sharing as s

from conftest import TOKEN
from sharing_support import fetch, objects, shop  # noqa: F401

KEY = rsa.generate_private_key(65537, 2048)
OTHER = rsa.generate_private_key(65537, 2048)


class Issuer:
    """An identity provider at a loopback address: discovery document, key set and token endpoint."""

    def __init__(self):
        issuer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def answer(self, body):
                data = json.dumps(body).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def do_GET(self):
                issuer.asked.append(self.path)
                if self.path.endswith("openid-configuration"):
                    return self.answer({"issuer": issuer.url, "jwks_uri": issuer.url + "/keys"})
                key = jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key(), as_dict=True)
                self.answer({"keys": [{**key, "kid": "k", "use": "sig"}]})

            def do_POST(self):
                form = urllib.parse.parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                issuer.asked.append((self.path, form["grant_type"][0]))
                self.answer({"access_token": issuer.token(), "expires_in": 600, "token_type": "Bearer"})

        self.asked = []
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/tenant"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def token(self, key=KEY, **claims):
        claims = {"iss": self.url, "aud": "sharing", "azp": "app", "sub": "s", "exp": int(time.time()) + 600, **claims}
        return jwt.encode(claims, key, "RS256", headers={"kid": "k"})


@pytest.fixture(scope="module")
def issuer():
    issuer = Issuer()
    yield issuer
    issuer.server.shutdown()


@pytest.fixture
def federated(shop, issuer):
    made = shop.recipients.create("app", s.AuthenticationType.OIDC_FEDERATION)
    shop.shares.update("sales", updates=objects("main.shop.orders"))
    shop.shares.update_permissions("sales", changes=[s.PermissionsChange(add=["SELECT"], principal="app")])
    policy(shop, issuer)
    return made


def policy(client, place, name="m2m", **change):
    oidc = {"issuer": place.url, "subject_claim": "azp", "subject": "app", "audiences": ["sharing"], **change}
    return client.api_client.do("POST", "/api/2.0/data-sharing/recipients/app/federation-policies", body={"name": name, "oidc_policy": oidc})


def endpoint(client, recipient=None):
    root = f"/api/2.0/delta-sharing/metastores/{client.metastores.summary().metastore_id}"
    return root + (f"/recipients/{recipient}" if recipient else "")


def test_the_sharing_client_with_client_credentials(server, shop, federated, issuer, tmp_path):
    recipient = shop.recipients.get("app")
    file = tmp_path / "app.share"
    file.write_text(json.dumps({
        "shareCredentialsVersion": 2, "type": "oauth_client_credentials",
        "endpoint": server.host + endpoint(shop, server.request("GET", "/api/2.1/unity-catalog/recipients/app").json["id"]),
        "tokenEndpoint": issuer.url + "/token", "clientId": "app", "clientSecret": "secret", "scope": "sharing/.default"}))
    assert recipient.authentication_type == s.AuthenticationType.OIDC_FEDERATION
    assert [t.name for t in delta_sharing.SharingClient(str(file)).list_all_tables()] == ["orders"]
    rows = delta_sharing.load_as_pandas(f"{file}#sales.shop.orders").sort_values("id")
    assert list(rows["id"]) == [1, 2, 3] and list(rows["amount"]) == [1.5, 2.5, 3.5]
    assert ("/tenant/token", "client_credentials") in issuer.asked and "/tenant/keys" in issuer.asked


def test_what_is_refused(server, shop, federated, issuer):
    path = endpoint(shop) + "/shares"

    def status(token, path=path):
        answer = server.request("GET", path, token=token)
        return answer.status, answer.json.get("message", "")

    assert status(issuer.token())[0] == 200
    assert status(issuer.token(key=OTHER)) == (401, "The token's signature is not by a key of its issuer.")
    assert status(issuer.token(azp="else")) == (401, "The token's subject is not the federation policy's.")
    assert status(issuer.token(aud="else")) == (401, "The token's audience is none of the federation policy's.")
    assert status(issuer.token(iss="http://127.0.0.1:1/x")) == (401, "No federation policy is for the token's issuer.")
    assert status(issuer.token(exp=int(time.time()) - 5))[0] == 401
    assert status("a.b.c")[0] == 401
    assert status(issuer.token(), endpoint(shop, "00000000-0000-0000-0000-000000000000") + "/shares")[0] == 401
    # Nothing else of the workspace opens to it.
    assert server.request("GET", "/api/2.1/unity-catalog/catalogs", token=issuer.token()).status == 403 or \
        server.request("GET", "/api/2.1/unity-catalog/catalogs", token=issuer.token()).status == 401


def test_links_end_with_the_policy(server, shop, federated, issuer):
    answer = server.request("POST", endpoint(shop) + "/shares/sales/schemas/shop/tables/orders/query", {}, token=issuer.token())
    urls = [json.loads(line)["file"]["url"] for line in answer.body.decode().splitlines() if '"file"' in line]
    assert urls and all(fetch(url)[0] == 200 for url in urls)
    shop.api_client.do("DELETE", "/api/2.0/data-sharing/recipients/app/federation-policies/m2m")
    assert [fetch(url)[0] for url in urls] == [403] * len(urls)
    assert server.request("GET", endpoint(shop) + "/shares", token=issuer.token()).status == 401


def test_groups_and_keys_of_other_places(server, shop, federated, issuer):
    path = endpoint(shop) + "/shares"
    policy(shop, issuer, "group", subject_claim="groups", subject="g-2")
    assert server.request("GET", path, token=issuer.token(azp="x", groups=["g-1", "g-2"])).status == 200
    assert server.request("GET", path, token=issuer.token(azp="x", groups=["g-1"])).status == 401
    # Keys of an issuer elsewhere are not fetched, and a recipient's policy does not hold any.
    far = "https://idp.example.com/x"
    policy(shop, issuer, "far", issuer=far)
    answer = server.request("GET", path, token=issuer.token(iss=far))
    assert answer.status == 501 and far in answer.json["message"]
    key = {**jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key(), as_dict=True), "kid": "k"}
    shop.api_client.do("DELETE", "/api/2.0/data-sharing/recipients/app/federation-policies/far")
    policy(shop, issuer, "far", issuer=far, jwks_json=json.dumps({"keys": [key]}))
    kept = shop.api_client.do("GET", "/api/2.0/data-sharing/recipients/app/federation-policies/far")["oidc_policy"]
    assert kept["issuer"] == far and "jwks_json" not in kept
    assert server.request("GET", path, token=issuer.token(iss=far)).status == 501


def test_token_exchange_fetches_keys_from_loopback(server, client, issuer):
    from databricks.sdk import AccountClient
    from databricks.sdk.service.oauth2 import FederationPolicy, OidcFederationPolicy

    account = AccountClient(host=server.host, account_id="11111111-2222-3333-4444-555555555555", token=TOKEN)
    client.users.create(user_name="una@example.com")
    account.federation_policy.create(FederationPolicy(oidc_policy=OidcFederationPolicy(issuer=issuer.url, audiences=["databricks"])))
    form = {"grant_type": "urn:ietf:params:oauth:grant-type:token-exchange", "subject_token_type": "urn:ietf:params:oauth:token-type:jwt"}

    def exchange(token):
        return server.request("POST", "/oidc/v1/token", urllib.parse.urlencode({**form, "subject_token": token}).encode(), token=None,
                              headers={"Content-Type": "application/x-www-form-urlencoded"})

    token = exchange(issuer.token(aud="databricks", sub="una@example.com")).json["access_token"]
    assert server.request("GET", "/api/2.0/preview/scim/v2/Me", token=token).json["userName"] == "una@example.com"
    answer = exchange(issuer.token(key=OTHER, aud="databricks", sub="una@example.com"))
    assert answer.status == 400 and "signature" in answer.json["error_description"]
