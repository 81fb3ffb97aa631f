"""Secrets planted in every field, header and parameter that takes one: none of them is in the log, the journal, the metrics or an error."""

import base64
import http.client
import json
import re
import threading
import urllib.parse

import pytest

from conftest import TOKEN, Server
from published import Published

MARK = "Qz7plum"

# Names of fields that carry secrets, written down here from the contract and not from the program's own list.
SECRET = re.compile(
    r"(?:.*_)?(?:password|passphrase|client_secret|auth_secret|secret_access_key|access_key_id|private_key|private_key_pem|session_token|sas_token"
    r"|access_token|refresh_token|bearer_token|api_token|oauth_token|aad_token|token_value|personal_access_token|api_key|plaintext|integration_key"
    r"|assertion|client_assertion|subject_token|actor_token|code_verifier|authorization|log_analytics_primary_key|secret|string_value|bytes_value)")
# Maps all of whose values are secrets.
MAPS = {"secrets", "spark_env_vars", "environment_vars", "env_vars"}
# References to where secrets are kept, and what is only called so.
HARMLESS = re.compile(r"(page|idempotency|consistency)_token|.*_(set|id|type|name)|uc_secret|.*_uc_secret")


def is_secret(verb, path, names):
    if not names:
        return False
    last = names[-1]
    if len(names) > 1 and names[-2] in MAPS and last == "key":
        return True
    if last == "url" and len(names) > 1 and names[-2] in ("slack", "microsoft_teams", "generic_webhook"):
        return True
    if last == "value" and ("/unity-catalog/secrets" in path or len(names) > 1 and names[-2] in ("env_vars", "environment_variables")):
        return True
    if last in ("string_value", "bytes_value"):
        return "/secrets" in path
    if last.endswith("access_key_id"):
        return True
    return bool(SECRET.fullmatch(last)) and not HARMLESS.fullmatch(last)


class Planter:
    def __init__(self):
        self.count = 0

    def next(self):
        self.count += 1
        return f"{MARK}{self.count:05d}xW"


class Target:
    """A server, its log, and one connection to it."""

    def __init__(self, *arguments):
        self.server = Server("serve", "--port", 0, "--seed", 7, "--log-level", "trace", *arguments)
        # The log is read while it is written, so that the server never waits for its reader.
        self.log = []
        self.reader = threading.Thread(target=lambda: self.log.append(self.server.process.stderr.read()))
        self.reader.start()
        self.connection = http.client.HTTPConnection(urllib.parse.urlsplit(self.server.host).netloc, timeout=60)

    def send(self, verb, target, body=None, headers=None, content_type="application/json"):
        data = json.dumps(body).encode() if body is not None and not isinstance(body, bytes) else body
        self.connection.request(verb, target, data, {"Authorization": f"Bearer {TOKEN}", "Content-Type": content_type, **(headers or {})})
        answer = self.connection.getresponse()
        return answer.status, answer.read()

    def check_journal(self):
        """Looks for planted secrets in journal and metrics; how many exchanges there were."""
        journal = self.server.control("GET", "journal").body
        assert not leaks(journal), leaks(journal)
        assert not leaks(self.server.request("GET", "/metrics").body)
        found = json.loads(journal)["exchanges"]
        assert self.server.control("DELETE", "journal").status == 200
        return len(found)

    def end(self):
        self.connection.close()
        self.server.judge()
        self.server.process.terminate()
        self.reader.join(timeout=20)
        assert self.server.process.wait(timeout=20) == 0
        out = self.server.process.stdout.read()
        assert not leaks(out.encode()), leaks(out.encode())
        assert not leaks(self.log[0].encode()), leaks(self.log[0].encode())


def leaks(data):
    """Where a planted secret stands in a text, also behind base64 and URL escapes."""
    places = [data[max(0, m.start() - 120): m.end() + 20] for m in re.finditer(MARK.encode(), data)]
    places += [m.group() for m in re.finditer(base64.b64encode(MARK.encode() + b"00")[:9], data)]
    return places[:3]


@pytest.fixture(scope="module", params=[(), ("--strict",)], ids=["serve", "strict"])
def target(request):
    target = Target(*request.param)
    yield target
    target.end()


def refusals_keep_quiet(status, answer, context):
    if status >= 400:
        assert not leaks(answer), (context, answer[:600])


def test_fields_of_every_operation(target):
    published, planter = Published(), Planter()
    planted, exchanges, operations = set(), 0, 0

    for verb, path, query, body in published.operations:
        def leaf(names, type_, wrong=False, alone=False):
            if type_ in published.enums:
                return None
            if is_secret(verb, path, names) and type_ in "sya":
                planted.add((path, names))
                secret = planter.next()
                return {"value": secret} if wrong == 1 else [secret] if wrong == 2 else secret
            if alone:
                return None
            return {"s": "x", "i": 1, "f": 1.5, "b": True, "t": "2026-01-01T00:00:00Z", "d": "5s", "m": "name"}.get(type_, "x")

        if body in (None, "*") and not any(is_secret(verb, path, (name,)) for name in query):
            continue
        before = len(planted)
        fill = (lambda how: published.fields(body, how)) if isinstance(body, dict) else (lambda how: published.value(body, how)) if body else lambda how: None
        bodies = [
            fill(leaf), fill(lambda n, t: leaf(n, t, alone=True)),
            fill(lambda n, t: leaf(n, t, wrong=1)), fill(lambda n, t: leaf(n, t, wrong=2))]
        parameters = {name: planter.next() for name in query if is_secret(verb, path, (name,))}
        if len(planted) == before and not parameters:
            continue
        operations += 1
        address = re.sub(r"\{[^}]*\}", "main", path) + ("?" + urllib.parse.urlencode(parameters) if parameters else "")
        for one in bodies:
            refusals_keep_quiet(*target.send(verb, address, one), (verb, address, one))
            exchanges += 1
        # Not JSON after all: what cannot be parsed is not shown either.
        refusals_keep_quiet(*target.send(verb, address, json.dumps(bodies[0]).encode()[:-1]), (verb, address, "cut"))
        exchanges += 1
        if operations % 40 == 0:
            assert target.check_journal() == exchanges
            exchanges = 0
    assert target.check_journal() == exchanges
    assert operations > 30 and len(planted) > 120, (operations, len(planted))


def test_headers_and_parameters(target):
    planter = Planter()
    paths = ["/api/2.1/unity-catalog/catalogs", "/api/2.0/preview/scim/v2/Me", "/nosuch", "/api/2.0/fs/files/Volumes/main/default/v/f", "/delta-sharing/shares",
             "/sql/1.0/warehouses/x", "/oidc/v1/token"]
    sent = 0
    for path in paths:
        for verb in ("GET", "POST"):
            basic = base64.b64encode(f"user:{planter.next()}".encode()).decode()
            for name, value in [
                    ("Authorization", "Bearer " + planter.next()), ("Authorization", "Basic " + basic), ("Authorization", planter.next()),
                    ("Cookie", "session=" + planter.next()), ("Proxy-Authorization", "Basic " + basic), ("X-Api-Key", planter.next()),
                    ("X-Databricks-Azure-SP-Management-Token", planter.next()), ("X-Databricks-GCP-SA-Access-Token", planter.next()),
                    ("X-Amz-Security-Token", planter.next()), ("X-CSRF-Token", planter.next()),
                    ("X-Amz-Server-Side-Encryption-Customer-Key", planter.next())]:
                refusals_keep_quiet(*target.send(verb, path, {} if verb == "POST" else None, {name: value}), (verb, path, name))
                sent += 1
            for name in ("access_token", "client_secret", "password", "api_key", "sig", "X-Amz-Signature", "X-Amz-Security-Token", "refresh_token"):
                refusals_keep_quiet(*target.send(verb, f"{path}?{name}={planter.next()}", {} if verb == "POST" else None), (verb, path, name))
                sent += 1
    assert target.check_journal() == sent


def test_forms_of_token_endpoints(target):
    planter, sent = Planter(), 0
    for path in ("/oidc/v1/token", "/oidc/accounts/x/v1/token", "/oauth2/v2.0/token", "/x/oauth2/v2.0/token", "/x/oauth2/token"):
        for grant in ("client_credentials", "authorization_code", "refresh_token", "password", "urn:ietf:params:oauth:grant-type:token-exchange",
                      "urn:ietf:params:oauth:grant-type:jwt-bearer", "urn:ietf:params:oauth:grant-type:device_code", "x"):
            form = {"grant_type": grant, "client_id": "x", "redirect_uri": "http://127.0.0.1:8020", "scope": "all-apis", "username": "x",
                    "subject_token_type": "urn:ietf:params:oauth:token-type:jwt"}
            for name in ("client_secret", "code", "code_verifier", "refresh_token", "password", "assertion", "client_assertion", "subject_token",
                         "actor_token", "device_code"):
                form[name] = planter.next()
            for data, kind in [(urllib.parse.urlencode(form).encode(), "application/x-www-form-urlencoded"), (json.dumps(form).encode(), "application/json")]:
                refusals_keep_quiet(*target.send("POST", path, data, content_type=kind), (path, grant))
                sent += 1
    assert target.check_journal() == sent


def test_secrets_in_statements_and_results(target):
    """Also those that the service answers with: the answer has them, the journal has not."""
    planter, sent = Planter(), 0
    warehouse = target.server.exports["DATABRICKS_WAREHOUSE_ID"]
    for text in (
            "CREATE CONNECTION c TYPE postgresql OPTIONS (host 'h', port '5432', user 'u', password '{}')",
            "CREATE CONNECTION c2 TYPE nosuch OPTIONS (host 'h', `password` '{}')",
            "ALTER CONNECTION nosuch OPTIONS (password '{}')",
            "SELECT * FROM t WITH OPTIONS (`client_secret` '{}' '{}')",
            "SELECT 1 OPTIONS ('api_key' '{}', token '{}'",
            "CREATE CONNECTION d TYPE snowflake OPTIONS (host 'h', client_secret '{}', access_token '{}')",
            "SELECT 1 FROM nosuch WHERE password = '{}'",
            "CREATE CONNECTION e TYPE mysql OPTIONS (host 'h', password = = '{}')",
            "CREATE CONNECTION e TYPE mysql OPTIONS (host 'h', 'password' = /* no comment */ = '{}')",
            "CREATE CONNECTION e TYPE mysql OPTIONS (host 'h', password --\n 'x' '{}')",
            "CREATE STORAGE CREDENTIAL s WITH (aws_secret_access_key = r'{}')",
            "COPY INTO t FROM 's3://b/p' WITH (CREDENTIAL (AWS_ACCESS_KEY = 'AKIAABCDEFGHIJKLMNOP', AWS_SECRET_KEY = '{}', AWS_SESSION_TOKEN = '{}')) "
            "FILEFORMAT = CSV",
    ):
        text = text.replace("{}", planter.next())
        status, answer = target.send("POST", "/api/2.0/sql/statements", {"warehouse_id": warehouse, "statement": text})
        sent += 1
        assert status == 200
        assert not leaks(answer), answer
    status, answer = target.send("GET", "/api/2.0/sql/history/queries?max_results=1000")
    sent += 1
    assert not leaks(answer), leaks(answer)
    texts = [entry["query_text"] for entry in json.loads(answer)["res"]]
    stars = "*" * len(planter.next())
    assert f"CREATE CONNECTION c TYPE postgresql OPTIONS (host 'h', port '5432', user 'u', password '{stars}')" in texts
    assert f"CREATE CONNECTION e TYPE mysql OPTIONS (host 'h', password = = '{stars}')" in texts
    scope = "planted" + planter.next()[-4:]
    assert target.send("POST", "/api/2.0/secrets/scopes/create", {"scope": scope})[0] == 200
    secret = planter.next()
    assert target.send("POST", "/api/2.0/secrets/put", {"scope": scope, "key": "k", "string_value": secret})[0] == 200
    status, answer = target.send("GET", f"/api/2.0/secrets/get?scope={scope}&key=k")
    assert base64.b64decode(json.loads(answer)["value"]).decode() == secret
    status, answer = target.send(
        "POST", "/api/2.0/sql/statements", {"warehouse_id": warehouse, "statement": f"SELECT length(secret('{scope}', 'k')), secret('{scope}', 'k')"})
    assert status == 200
    assert target.check_journal() == sent + 4
