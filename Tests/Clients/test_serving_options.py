"""What surrounds serving endpoints: gateways, limits, notifications, provisioned throughput, logs, metrics and schemas; and external functions."""

import http.server
import json
import threading

import pytest
from databricks.sdk.errors import BadRequest, DatabricksError, InvalidParameterValue, NotFound, PermissionDenied
from databricks.sdk.service import catalog, iam, serving

from conftest import workspace_client
from test_feature_serving import ask, make_spec, serve
from test_feature_store import publish, refused, shared_server, store, stranger, users  # noqa: F401: fixtures


def external(name="chat"):
    return serving.ServedEntityInput(name=name, external_model=serving.ExternalModel(
        name="gpt", provider=serving.ExternalModelProvider.OPENAI, task="llm/v1/chat", openai_config=serving.OpenAiConfig(openai_api_key="{{secrets/s/k}}")))


@pytest.fixture
def chat(client):
    return client.serving_endpoints.create_and_wait("chat", config=serving.EndpointCoreConfigInput(name="chat", served_entities=[external()]))


@pytest.fixture
def model(client, sql):
    sql("CREATE SCHEMA main.models")
    client.registered_models.create(catalog_name="main", schema_name="models", name="m")
    return "main.models.m"


def test_a_gateway_is_kept_and_checked(server, client, chat, stranger):
    api = client.serving_endpoints
    client.groups.create(display_name="readers")
    minute = serving.AiGatewayRateLimitRenewalPeriod.MINUTE
    key = serving.AiGatewayRateLimitKey
    limits = [
        serving.AiGatewayRateLimit(minute, calls=10), serving.AiGatewayRateLimit(minute, calls=5, tokens=100, key=key.USER),
        serving.AiGatewayRateLimit(minute, tokens=7, key=key.USER_GROUP, principal="readers")]
    guards = serving.AiGatewayGuardrails(input=serving.AiGatewayGuardrailParameters(
        invalid_keywords=["x"], pii=serving.AiGatewayGuardrailPiiBehavior(serving.AiGatewayGuardrailPiiBehaviorBehavior.BLOCK)))
    tracking = serving.AiGatewayUsageTrackingConfig(enabled=True)
    put = api.put_ai_gateway(
        "chat", rate_limits=limits, guardrails=guards, usage_tracking_config=tracking, fallback_config=serving.FallbackConfig(True))
    assert put.rate_limits == limits and put.guardrails == guards
    kept = api.get("chat").ai_gateway
    assert (kept.rate_limits, kept.guardrails, kept.usage_tracking_config.enabled, kept.fallback_config.enabled) == (limits, guards, True, True)
    assert next(iter(api.list())).ai_gateway.rate_limits == limits
    limit = serving.AiGatewayRateLimit
    for bad, text in (
            (limit(minute, calls=1, key=key.USER_GROUP, principal="nobody"), "'nobody'"), (limit(minute, calls=1, key=key.USER_GROUP), "principal"),
            (limit(minute, calls=1, key=key.USER, principal="no@example.com"), "no@example.com"), (limit(minute, calls=-1), "negative"),
            (limit(minute, calls=1, principal="x"), "no principal"), (limit(minute), "calls")):
        refused(BadRequest, text, api.put_ai_gateway, "chat", rate_limits=[bad])
    refused(BadRequest, "20", api.put_ai_gateway, "chat", rate_limits=[limit(minute, calls=1)] * 21)
    refused(DatabricksError, "inference tables", api.put_ai_gateway, "chat",
            inference_table_config=serving.AiGatewayInferenceTableConfig(catalog_name="main", schema_name="default", enabled=True))
    refused(NotFound, "none", api.put_ai_gateway, "none", rate_limits=limits)
    refused(PermissionDenied, "CAN_MANAGE", stranger.serving_endpoints.put_ai_gateway, "chat", rate_limits=limits)
    # Nothing of a refused call is kept, and state is what snapshots hold.
    assert api.get("chat").ai_gateway.rate_limits == limits
    assert server.control("POST", "snapshots", {"name": "s"}).status in (200, 201)
    assert api.put_ai_gateway("chat").as_dict() == {}
    assert api.get("chat").ai_gateway is None
    assert server.control("POST", "snapshots/s/restore").status == 200
    assert api.get("chat").ai_gateway.rate_limits == limits
    assert server.control("DELETE", "snapshots/s").status == 200
    made = api.create_and_wait("two", config=serving.EndpointCoreConfigInput(name="two", served_entities=[external()]),
                               ai_gateway=serving.AiGatewayConfig(rate_limits=limits[:1]))
    assert made.ai_gateway.rate_limits == limits[:1]
    old = [serving.RateLimit(3, serving.RateLimitRenewalPeriod.MINUTE, serving.RateLimitKey.USER)]
    assert api.put("chat", rate_limits=old).rate_limits == old
    assert not api.put("chat").rate_limits
    refused(BadRequest, "negative", api.put, "chat", rate_limits=[serving.RateLimit(-3, serving.RateLimitRenewalPeriod.MINUTE)])


def test_limits_of_lookups_are_refused(client, sql, users, store):
    make_spec(client, feature_names=["age"])
    publish(client, users)
    serve(client)
    api = client.serving_endpoints
    limit = serving.AiGatewayRateLimit(serving.AiGatewayRateLimitRenewalPeriod.MINUTE, calls=1)
    refused(DatabricksError, "not simulated", api.put_ai_gateway, "ep", rate_limits=[limit])
    refused(DatabricksError, "not simulated", api.put, "ep", rate_limits=[serving.RateLimit(1, serving.RateLimitRenewalPeriod.MINUTE)])
    chat = api.create_and_wait("chat", config=serving.EndpointCoreConfigInput(name="chat", served_entities=[external()]),
                               ai_gateway=serving.AiGatewayConfig(rate_limits=[limit]))
    refused(DatabricksError, "not simulated", api.update_config, "chat", served_entities=[serving.ServedEntityInput(entity_name="main.ml.spec")])
    assert api.get("chat").config.config_version == chat.config.config_version == 1


def test_notifications_and_telemetry(client, chat):
    api = client.serving_endpoints
    mails = serving.EmailNotifications(on_update_failure=["a@example.com"], on_update_success=["b@example.com"])
    answer = api.update_notifications("chat", email_notifications=mails)
    assert (answer.name, answer.email_notifications) == ("chat", mails)
    assert api.get("chat").email_notifications == mails
    refused(InvalidParameterValue, "'nobody'", api.update_notifications, "chat",
            email_notifications=serving.EmailNotifications(on_update_failure=["nobody"]))
    assert api.get("chat").email_notifications == mails
    api.update_notifications("chat")
    assert api.get("chat").email_notifications is None
    assert api.patch_telemetry_config("chat").name == "chat"
    refused(DatabricksError, "telemetry_config is not simulated", api.patch_telemetry_config, "chat", telemetry_config=serving.TelemetryConfig(
        table_names=serving.UnityCatalogTableNames(logs_table="main.default.logs")))


def test_provisioned_throughput(client, sql, model, users, store):
    api = client.serving_endpoints
    entity = serving.PtServedModel(entity_name=model, entity_version="1", provisioned_model_units=50, burst_scaling_enabled=False)
    made = api.create_provisioned_throughput_endpoint_and_wait(
        "pt", serving.PtEndpointCoreConfig(served_entities=[entity]), tags=[serving.EndpointTag("k", "v")])
    served, = made.config.served_entities
    assert (served.name, served.provisioned_model_units, served.burst_scaling_enabled) == ("m-1", 50, False)
    assert (made.state.ready.value, made.tags) == ("READY", [serving.EndpointTag("k", "v")])
    more = serving.PtServedModel(entity_name=model, entity_version="1", provisioned_model_units=100, name="more")
    # It holds at once.
    changed = api.update_provisioned_throughput_endpoint_config("pt", serving.PtEndpointCoreConfig(served_entities=[more])).response
    assert (changed.config.config_version, changed.config.served_entities[0].provisioned_model_units) == (2, 100)
    assert (changed.state.config_update.value, changed.pending_config) == ("NOT_UPDATING", None)
    for units in (0, -50):
        bad = serving.PtServedModel(entity_name=model, entity_version="1", provisioned_model_units=units)
        refused(InvalidParameterValue, str(units), api.create_provisioned_throughput_endpoint, "bad", serving.PtEndpointCoreConfig(served_entities=[bad]))
    make_spec(client)
    spec = serving.PtServedModel(entity_name="main.ml.spec", provisioned_model_units=50)
    refused(InvalidParameterValue, "feature spec", api.create_provisioned_throughput_endpoint, "bad",
            serving.PtEndpointCoreConfig(served_entities=[spec]))
    api.create_and_wait("chat", config=serving.EndpointCoreConfigInput(name="chat", served_entities=[external()]))
    refused(InvalidParameterValue, "not a provisioned", api.update_provisioned_throughput_endpoint_config, "chat",
            serving.PtEndpointCoreConfig(served_entities=[more]))
    refused(DatabricksError, "not simulated", api.update_config, "pt", served_entities=[external()])
    refused(BadRequest, "external models", api.put_ai_gateway, "pt", fallback_config=serving.FallbackConfig(True))
    refused(DatabricksError, "not simulated", ask, client, {"a": 1}, name="pt")


def gauges(client, name):
    text = client.serving_endpoints.export_metrics(name).contents.read().decode()
    lines = [line.split(" ") for line in text.splitlines() if not line.startswith("#")]
    assert [line for line in text.splitlines() if line.startswith("# TYPE")] == [f"# TYPE {name} gauge" for name, *_ in lines]
    times = {int(time) for *_, time in lines}
    assert len(times) == 1 and times.pop() % 60_000 == 0
    return [(name, float(value)) for name, value, _ in lines]


def test_logs_metrics_and_schema(server, client, sql, users, store, stranger):
    make_spec(client, feature_names=["age", "city"], rename_outputs=[{"feature": "age", "output": "years"}])
    publish(client, users)
    ep = serve(client)
    api = client.serving_endpoints
    assert (api.logs("ep", "spec").logs, api.build_logs("ep", "spec").logs) == ("", "")
    refused(NotFound, "'none'", api.logs, "ep", "none")
    refused(NotFound, "no", api.build_logs, "no", "spec")
    refused(PermissionDenied, "CAN_VIEW", stranger.serving_endpoints.logs, "ep", "spec")
    refused(PermissionDenied, "CAN_VIEW", stranger.serving_endpoints.export_metrics, "ep")

    names = ["request_count_total", "request_4xx_count_total", "request_5xx_count_total"]
    ask(client, {"user_id": 1})
    ask(client, {"user_id": 2}, {"user_id": 1})
    refused(BadRequest, "user_id", ask, client, {"x": 1})
    refused(PermissionDenied, "CAN_QUERY", ask, stranger, {"user_id": 1})
    # The minute is not over.
    assert gauges(client, "ep") == [(name, 0) for name in names]
    assert server.control("POST", "clock", {"advance": "60s"}).status == 200
    assert gauges(client, "ep") == list(zip(names, [3, 1, 0]))
    assert server.control("POST", "clock", {"advance": "60s"}).status == 200
    assert gauges(client, "ep") == [(name, 0) for name in names]

    schema = json.loads(api.get_open_api("ep").contents.read())
    assert schema["openapi"] == "3.1.0" and schema["servers"] == [{"url": f"{server.host}/serving-endpoints/ep"}]
    post = schema["paths"]["/invocations"]["post"]
    records = post["requestBody"]["content"]["application/json"]["schema"]["oneOf"][0]
    record = records["properties"]["dataframe_records"]["items"]
    assert record == {"type": "object", "properties": {"user_id": {"type": "integer", "format": "int64"}}, "required": ["user_id"]}
    answer = post["responses"]["200"]["content"]["application/json"]["schema"]["properties"]["outputs"]["items"]["properties"]
    assert answer == {"user_id": record["properties"]["user_id"], "years": {"type": "integer", "format": "int32"}, "city": {"type": "string"}}
    assert set(answer) == set(ask(client, {"user_id": 1})[0])
    client.permissions.update("serving-endpoints", ep.id, access_control_list=[iam.AccessControlRequest(
        service_principal_name=stranger.current_user.me().user_name, permission_level=iam.PermissionLevel.CAN_VIEW)])
    assert json.loads(stranger.serving_endpoints.get_open_api("ep").contents.read()) == schema
    api.create_and_wait("chat", config=serving.EndpointCoreConfigInput(name="chat", served_entities=[external()]))
    refused(DatabricksError, "'gpt' is not simulated", api.get_open_api, "chat")


@pytest.fixture
def listener():
    """A server that answers with what it was asked."""
    class Handler(http.server.BaseHTTPRequestHandler):
        def answer(self):
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            data = json.dumps({"method": self.command, "path": self.path, "body": body, "headers": dict(self.headers)}).encode()
            self.send_response(418 if self.path.startswith("/teapot") else 200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Mcp-Session-Id", "s1")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer

        def log_message(self, *arguments):
            pass

    listener = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=listener.serve_forever, daemon=True).start()
    yield listener.server_port
    listener.shutdown()
    listener.server_close()


def test_external_functions(server, client, stranger, listener):
    def connect(name, **options):
        return client.connections.create(name, catalog.ConnectionType.HTTP, {"host": "http://127.0.0.1", "port": str(listener), **options})

    def call(name, path, method=serving.ExternalFunctionRequestHttpMethod.POST, who=client, **more):
        return who.serving_endpoints.http_request(name, method, path, **more)

    secret = "planted-bearer-7Qz"
    made = connect("tools", base_path="/api/", bearer_token=secret)
    assert (made.credential_type.value, made.url) == ("BEARER_TOKEN", f"http://127.0.0.1:{listener}/api/")
    assert secret not in json.dumps(client.connections.get("tools").as_dict()) + json.dumps(client.api_client.do("GET", "/api/2.1/unity-catalog/connections"))
    answer = call("tools", "/v1/é", json={"a": [1]}, params={"q": "x y", "n": "1"}, headers={"X-Mine": "yes"})
    told = answer.json()
    assert answer.headers["mcp-session-id"] == "s1"
    assert (told["method"], told["path"], json.loads(told["body"])) == ("POST", "/api/v1/%C3%A9?q=x%20y&n=1", {"a": [1]})
    headers = {name.lower(): value for name, value in told["headers"].items()}
    assert (headers["authorization"], headers["x-mine"], headers["content-type"]) == (f"Bearer {secret}", "yes", "application/json")
    connect("open")
    told = call("open", "x", serving.ExternalFunctionRequestHttpMethod.GET).json()
    assert (told["method"], told["path"], told["body"]) == ("GET", "/x", "") and "Authorization" not in told["headers"]
    refused(BadRequest, "the status 418", call, "open", "/teapot")

    refused(PermissionDenied, "USE CONNECTION", call, "tools", "x", who=stranger)
    name = stranger.current_user.me().user_name
    client.grants.update("connection", "tools", changes=[catalog.PermissionsChange(add=[catalog.Privilege.USE_CONNECTION], principal=name)])
    assert call("tools", "x", who=stranger).json()["path"] == "/api/x"
    refused(NotFound, "none", call, "none", "x")
    client.connections.create("away", catalog.ConnectionType.HTTP, {"host": "https://192.0.2.1"})
    client.connections.create("tricky", catalog.ConnectionType.HTTP, {"host": "http://127.0.0.1.example.com"})
    client.connections.create("db", catalog.ConnectionType.MYSQL, {"host": "127.0.0.1", "port": "1", "user": "u", "password": "p"})
    client.connections.create("oauth", catalog.ConnectionType.HTTP, {"host": "http://127.0.0.1", "client_id": "c", "client_secret": "s"})
    for one in ("away", "tricky"):
        refused(DatabricksError, "only loopback addresses", call, one, "x")
    refused(DatabricksError, "only loopback addresses", client.api_client.do, "POST", "/api/2.0/external-function", body={
        "connection_name": "open", "method": "GET", "path": "x", "sub_domain": "sub"})
    refused(InvalidParameterValue, "type HTTP", call, "db", "x")
    refused(DatabricksError, "'client_id'", call, "oauth", "x")
    refused(InvalidParameterValue, "Authorization", call, "open", "x", headers={"Authorization": "Bearer y"})
    refused(BadRequest, "spaces", call, "open", "x y\r\nHost: z")
    gone = client.connections.update("open", {"host": "http://127.0.0.1", "port": "1"})
    refused(BadRequest, "did not answer", call, gone.name, "x")
    journal = server.control("GET", "journal").body.decode()
    assert secret not in journal and "external-function" in journal
