import Cassettes
import HTTPTypes
import Testing

/// One planted secret: how it comes over the wire, and the text that must not reach the disk.
struct Plant: Sendable, CustomTestStringConvertible {
    let kind: String
    let secret: String
    let exchange: RawExchange

    init(_ kind: String, _ secret: String, _ exchange: RawExchange) {
        self.kind = kind
        self.secret = secret
        self.exchange = exchange
    }

    var testDescription: String { kind }

    private static let hex32 = RedactorTests.hex32
    private static let jwt = RedactorTests.jwt

    private static let basic: [Plant] = [
        Plant(
            "bearer token echoed", "opaque-caller-token",
            .call(headers: [.authorization: "Bearer opaque-caller-token"], answer: #"{"you":"opaque-caller-token"}"#)),
        Plant(
            "basic password echoed", "s3cret-of-basic",
            .call(headers: [.authorization: "Basic aWQ6czNjcmV0LW9mLWJhc2lj"], answer: #"{"x":"s3cret-of-basic"}"#)),
        Plant("personal access token", "dapi" + hex32, .call(answer: #"{"comment":"use dapi\#(hex32)-2 here"}"#)),
        Plant(
            "token_value", "unshaped-token",
            .call("POST", "/api/2.0/token/create", answer: #"{"token_value":"unshaped-token","token_info":{"token_id":"abc"}}"#)),
        Plant(
            "access_token jwt", jwt, .call("POST", "/oidc/v1/token", answer: #"{"access_token":"\#(jwt)","token_type":"Bearer","expires_in":3600}"#)),
        Plant("refresh_token", "refresh-me-123", .call(answer: #"{"refresh_token":"refresh-me-123"}"#)),
        Plant("id_token in text", jwt, .call(responseHeaders: [:], answer: "id_token is \(jwt)\n")),
        Plant(
            "client_secret in a form", "very+secret",
            .call("POST", "/oidc/v1/token", body: "grant_type=client_credentials&client_secret=very+secret&scope=all-apis")),
        Plant("authorization code", "the-code", .call("POST", "/oidc/v1/token", body: "grant_type=authorization_code&code=the-code&code_verifier=v")),
        Plant(
            "OAuth secret", "dose" + hex32,
            .call("POST", "/api/2.0/accounts/servicePrincipals/1/credentials/secrets", answer: #"{"id":"1","secret":"dose\#(hex32)"}"#)),
        Plant("password in JSON", "hunter2", .call("POST", body: #"{"options":{"user":"u","password":"hunter2"}}"#)),
        Plant(
            "password of a database user", "pw-in-sql",
            .call("POST", body: #"{"statement":"CREATE CONNECTION c TYPE mysql OPTIONS (host 'h', user 'u', password 'pw-in-sql')"}"#)),
        Plant("password in a JDBC URL", "jdbcpwd", .call("POST", body: #"{"url":"jdbc:databricks://h:443;UID=token;PWD=jdbcpwd"}"#)),
        Plant("user info in a URL", "urlpass", .call("POST", body: #"{"git_url":"https://user:urlpass@git.example.com/x.git"}"#)),
        Plant(
            "activation link", "NONCE-abc123",
            .call(answer: #"{"tokens":[{"activation_url":"https://h/delta_sharing/retrieve_config.html?NONCE-abc123"}]}"#)),
        Plant(
            "activation path", "NONCE-def",
            .call("GET", "/api/2.1/unity-catalog/public/data_sharing_activation/NONCE-def", answer: #"{"shareCredentialsVersion":1}"#)),
        Plant("bearerToken of a profile", "profile-token", .call(answer: #"{"shareCredentialsVersion":1,"bearerToken":"profile-token"}"#)),
        Plant("set-cookie", "cookie-value", .call(responseHeaders: [.setCookie: "session=cookie-value", .contentType: "application/json"])),
        Plant("cookie", "cookie-sent", .call(headers: [.cookie: "JSESSIONID=cookie-sent"])),
        Plant("session header", "sess-1", .call(responseHeaders: [.init("x-databricks-session-id")!: "sess-1"])),
        Plant(
            "AWS signature", "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7",
            .call(
                answer:
                    #"{"external_link":"https://b.s3.amazonaws.com/k?X-Amz-Expires=899&X-Amz-Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"}"#
            )),
        Plant(
            "AWS credential", "AKIAIOSFODNN7EXAMPLE",
            .call("GET", "/k", query: "X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20260101%2Fus-east-1%2Fs3%2Faws4_request", host: "b.s3.amazonaws.com")),
        Plant(
            "AWS session token", "FwoGZXIvYXdzEJr",
            .call("GET", "/k", query: "X-Amz-Security-Token=FwoGZXIvYXdzEJr%2F%2F", host: "b.s3.amazonaws.com")),
        Plant("AWS access key in text", "ASIAIOSFODNN7EXAMPLE", .call(responseHeaders: [:], answer: "key ASIAIOSFODNN7EXAMPLE\n")),
        Plant(
            "temporary credentials", "wJalrXUtnFEMI",
            .call(answer: #"{"aws_temp_credentials":{"access_key_id":"x","secret_access_key":"wJalrXUtnFEMI/K7","session_token":"tok"}}"#)),
        Plant(
            "Azure SAS", "Zm9vYmFyYmF6cXV4%3D", .call(answer: #"{"url":"https://a.blob.core.windows.net/c/b?sv=2020&sr=b&sig=Zm9vYmFyYmF6cXV4%3D"}"#)),
        Plant("Azure SAS field", "sv=2020&sig=abc", .call(answer: #"{"azure_user_delegation_sas":{"sas_token":"sv=2020&sig=abc"}}"#)),
        Plant(
            "Google signature", "0a1b2c3d4e5f60718293a4b5c6d7e8f9",
            .call(answer: #"{"url":"https://storage.googleapis.com/b/o?X-Goog-Signature=0a1b2c3d4e5f60718293a4b5c6d7e8f9"}"#)),
        Plant(
            "signature behind JSON escapes", "5d672d79c15b1316aaaa",
            .call(answer: #"{"link":"https:\/\/b\/k?a=1\u0026X-Amz-Signature\u003d5d672d79c15b1316aaaa"}"#)),
        Plant(
            "signature in NDJSON", "aaaa672d79c15b13",
            .call(
                responseHeaders: [.contentType: "application/x-ndjson"],
                answer: "{\"protocol\":{}}\n{\"file\":{\"url\":\"https://b/k?X-Amz-Signature=aaaa672d79c15b13\"}}\n")),
        Plant(
            "secret scope's value", "what-the-scope-keeps",
            .call(
                "POST", "/api/2.0/secrets/put", operation: "workspace.secrets.put_secret",
                body: #"{"scope":"s","key":"k","string_value":"what-the-scope-keeps"}"#)),
        Plant(
            "secret read back", "d2hhdC10aGUtc2NvcGU=",
            .call("GET", "/api/2.0/secrets/get", query: "scope=s&key=k", answer: #"{"key":"k","value":"d2hhdC10aGUtc2NvcGU="}"#)),
        Plant(
            "git token", "ghp_0123456789abcdefABCDEF0123456789abcd",
            .call(
                "POST", "/api/2.0/git-credentials",
                body: #"{"git_provider":"gitHub","personal_access_token":"ghp_0123456789abcdefABCDEF0123456789abcd"}"#)),
        Plant("Slack token in text", "xoxb-1234567890-abcdef", .call("POST", body: #"{"url":"see xoxb-1234567890-abcdef"}"#)),
        Plant(
            "private key", "MIIEvQIBADANBg",
            .call("POST", body: #"{"key":"-----BEGIN RSA PRIVATE KEY-----\nMIIEvQIBADANBg\n-----END RSA PRIVATE KEY-----\n"}"#)),
        Plant(
            "Spark setting", "storage-key==",
            .call("POST", body: #"{"spark_conf":{"spark.hadoop.fs.azure.account.key.acct.dfs.core.windows.net":"storage-key=="}}"#)),
        Plant("option list", "listed-pw", .call("POST", body: #"{"options":[{"key":"password","value":"listed-pw"}]}"#)),
        Plant("plaintext field", "plain-1", .call("POST", body: #"{"openai_config":{"openai_api_key_plaintext":"plain-1"}}"#)),
        Plant("JSON in a string", "inner-pw", .call("POST", body: #"{"raw":"{\"password\":\"inner-pw\"}"}"#)),
        Plant(
            "base64 of a token", "ZGFwaTAxMjM0NTY3ODlhYmNkZWYwMTIzNDU2Nzg5YWJjZGVm",
            .call("POST", "/api/2.0/workspace/import", body: #"{"content":"ZGFwaTAxMjM0NTY3ODlhYmNkZWYwMTIzNDU2Nzg5YWJjZGVm"}"#)),
        Plant("token in a path", "dapi" + hex32, .call("GET", "/x/dapi\(hex32)/y")),
        Plant("token in a query", "plain-token", .call("GET", "/x", query: "token=plain-token&page_token=next")),
        Plant("token in Location", "dapi" + hex32, .call(status: 302, responseHeaders: [.location: "https://h/cb?x=dapi\(hex32)"])),
        Plant("numeric password", "123987", .call("POST", body: #"{"password":123987}"#)),
        Plant(
            "Google token", "ya29.a0AfH6SMBx-abcdefghijklmno",
            .call(answer: #"{"gcp_oauth_token":{"oauth_token":"ya29.a0AfH6SMBx-abcdefghijklmno"}}"#)),
    ]

    private static let logins: [Plant] = [
        Plant(
            "client assertion", "opaque.assertion.text",
            .call("POST", "/oidc/v1/token", body: "grant_type=client_credentials&client_assertion=opaque.assertion.text&client_id=me")),
        Plant(
            "JWT bearer assertion", "assertion-of-the-bearer",
            .call("POST", "/oidc/v1/token", body: "grant_type=urn%3Aietf&assertion=assertion-of-the-bearer")),
        Plant("subject token", "subject-token-1", .call("POST", "/oidc/v1/token", body: "subject_token=subject-token-1&scope=all-apis")),
        Plant("PKCE verifier", "pkce-verifier-123456", .call("POST", "/oidc/v1/token", body: "code_verifier=pkce-verifier-123456&client_id=x")),
        Plant(
            "authorization code in JSON", "code-in-json",
            .call("POST", "/oidc/v1/token", body: #"{"code":"code-in-json","grant_type":"authorization_code"}"#)),
        Plant(
            "authorization code in a redirect", "code-in-redirect",
            .call("GET", "/oidc/v1/authorize", status: 302, responseHeaders: [.location: "http://localhost:8020/?code=code-in-redirect&state=s"])),
        Plant(
            "device code", "device-code-1", .call("POST", "/oidc/v1/device_authorization", answer: #"{"device_code":"device-code-1","interval":5}"#)),
        Plant("hash of a client's secret", "hash-of-secret", .call(answer: #"{"secrets":[{"id":"1","secret_hash":"hash-of-secret"}]}"#)),
        Plant("Azure management token", "azure-sp-token", .call(headers: [.init("X-Databricks-Azure-SP-Management-Token")!: "azure-sp-token"])),
        Plant(
            "exchanged token", "exchanged-credential",
            .call("POST", "/api/2.0/credentials-manager/exchange-tokens/token", answer: #"{"values":[{"credential":"exchanged-credential"}]}"#)),
        Plant("database credential", "pg-token-value", .call("POST", "/api/2.0/database/credentials", answer: #"{"token":"pg-token-value"}"#)),
        Plant("password of a Postgres role", "pg-role-pw", .call("POST", "/api/2.0/postgres/r/password", answer: #"{"password":"pg-role-pw"}"#)),
        Plant(
            "sharing code", "one-time-code", .call("POST", "/api/2.1/unity-catalog/recipients", body: #"{"name":"r","sharing_code":"one-time-code"}"#)
        ),
        Plant("CSRF header", "csrf-value-1", .call(headers: [.init("X-CSRF-Token")!: "csrf-value-1"])),
    ]

    private static let vended: [Plant] = [
        Plant("AWS session token field", "session-of-aws", .call(answer: #"{"aws_temp_credentials":{"session_token":"session-of-aws"}}"#)),
        Plant("R2 secret", "secret-of-r2", .call(answer: #"{"r2_temp_credentials":{"secret_access_key":"secret-of-r2"}}"#)),
        Plant("Azure AD token", "aad-opaque", .call(answer: #"{"azure_aad":{"aad_token":"aad-opaque"}}"#)),
        Plant("Google access token field", "opaque-google", .call(answer: #"{"gcp_oauth_token":{"oauth_token":"opaque-google"}}"#)),
        Plant(
            "secret of a storage credential", "azure-client-secret",
            .call("POST", "/api/2.1/unity-catalog/storage-credentials", body: #"{"azure_service_principal":{"client_secret":"azure-client-secret"}}"#)
        ),
        Plant(
            "Cloudflare secret", "secret-of-cloudflare",
            .call("POST", body: #"{"cloudflare_api_token":{"secret_access_key":"secret-of-cloudflare"}}"#)),
        Plant(
            "signature of a CloudFront link", "CloudFrontSignature-1",
            .call(answer: #"{"url":"https://d.cloudfront.net/k?Policy=x&Signature=CloudFrontSignature-1&Key-Pair-Id=K"}"#)),
        Plant("Genie download", "genie-signature", .call(answer: #"{"download_id":"d","download_id_signature":"genie-signature"}"#)),
        Plant("Genie download in a query", "genie-signature-2", .call("GET", "/x", query: "download_id_signature=genie-signature-2")),
        Plant(
            "customer's key of an upload", "sse-c-key",
            .call(answer: #"{"url":"https://b/k","headers":[{"name":"x-amz-server-side-encryption-customer-key","value":"sse-c-key"}]}"#)),
        Plant(
            "XML of a token service", "xml/secret/key",
            .call(responseHeaders: [:], answer: "<Credentials><SecretAccessKey>xml/secret/key</SecretAccessKey></Credentials>")),
        Plant(
            "user info without a password", "a1B2c3D4e5F6g7H8i9J0k1L2",
            .call("POST", body: #"{"url":"https://a1B2c3D4e5F6g7H8i9J0k1L2@dev.azure.com/org/p"}"#)),
        Plant("marketplace activation link", "NONCE-ghi", .call(answer: #"{"activation_link":"https://h/x/NONCE-ghi"}"#)),
        Plant(
            "activation link in a text", "NONCE-jkl",
            .call(responseHeaders: [:], answer: "go to https://h/delta_sharing/retrieve_config.html?NONCE-jkl now\n")),
    ]

    private static let settings: [Plant] = [
        Plant(
            "Slack webhook", "T000/B000/abcdefgh",
            .call(
                "POST", "/api/2.0/notification-destinations",
                body: #"{"config":{"slack":{"url":"https://hooks.slack.com/services/T000/B000/abcdefgh"}}}"#
            )),
        Plant(
            "Slack webhook in a text", "T111/B111/abcdefgh",
            .call("POST", body: #"{"note":"post to https://hooks.slack.com/services/T111/B111/abcdefgh"}"#)),
        Plant("Slack token of a destination", "slack-oauth", .call("POST", body: #"{"config":{"slack":{"oauth_token":"slack-oauth"}}}"#)),
        Plant(
            "Teams webhook", "IncomingWebhook/1234",
            .call("POST", body: #"{"config":{"microsoft_teams":{"url":"https://x.webhook.office.com/webhookb2/IncomingWebhook/1234"}}}"#)),
        Plant("Teams secret", "teams-auth-secret", .call("POST", body: #"{"config":{"microsoft_teams":{"auth_secret":"teams-auth-secret"}}}"#)),
        Plant("PagerDuty key", "pagerduty-key", .call("POST", body: #"{"config":{"pagerduty":{"integration_key":"pagerduty-key"}}}"#)),
        Plant(
            "generic webhook's address", "hook/secret-path",
            .call("POST", body: #"{"config":{"generic_webhook":{"url":"https://example.com/hook/secret-path"}}}"#)),
        Plant(
            "generic webhook's password", "webhook-pw",
            .call("POST", body: #"{"config":{"generic_webhook":{"password":"webhook-pw","username":"u"}}}"#)),
        Plant("model registry webhook", "mlflow-secret", .call("POST", body: #"{"http_url_spec":{"url":"https://h/x","secret":"mlflow-secret"}}"#)),
        Plant(
            "authorization of a webhook", "opaque-hook-auth",
            .call("POST", body: #"{"http_url_spec":{"url":"https://h/x","authorization":"Bearer opaque-hook-auth"}}"#)),
        Plant(
            "connection's secrets", "connection-pin",
            .call("POST", "/api/2.1/unity-catalog/connections", body: #"{"name":"c","secrets":{"whatever":"connection-pin"}}"#)),
        Plant("BigQuery key", "bq-service-key", .call("POST", body: #"{"options":{"GoogleServiceAccountKeyJson":"bq-service-key"}}"#)),
        Plant("Snowflake key", "pem-private-key-text", .call("POST", body: #"{"options":{"pem_private_key":"pem-private-key-text"}}"#)),
        Plant(
            "cluster's environment", "env-value-1",
            .call("POST", body: #"{"spark_env_vars":{"ANYTHING":"env-value-1","PYSPARK_PYTHON":"/databricks/python3/bin/python3"}}"#)),
        Plant("app's environment", "env-value-2", .call("POST", body: #"{"env_vars":[{"name":"ANYTHING","value":"env-value-2"}]}"#)),
        Plant(
            "job's environment", "env-value-3",
            .call("POST", body: #"{"environment_variables":[{"environment_variables_key":"e","spec":{"variables":{"A":"env-value-3"}}}]}"#)),
        Plant("served model's environment", "env-value-4", .call("POST", body: #"{"environment_vars":{"A":"env-value-4","B":"{{secrets/s/k}}"}}"#)),
        Plant(
            "docker password", "docker-pw", .call("POST", body: #"{"docker_image":{"url":"u","basic_auth":{"username":"u","password":"docker-pw"}}}"#)
        ),
        Plant(
            "log analytics key", "log-analytics-key",
            .call("POST", body: #"{"log_analytics_info":{"log_analytics_primary_key":"log-analytics-key"}}"#)),
        Plant("model provider's key", "provider-key", .call("POST", body: #"{"openai_config":{"openai_api_key":"provider-key"}}"#)),
        Plant("plaintext of a provider", "provider-plain", .call("POST", body: #"{"api_key":{"plaintext":"provider-plain"}}"#)),
        Plant(
            "Unity Catalog secret", "uc-secret-value",
            .call("GET", "/api/2.1/unity-catalog/secrets/c.s.n", answer: #"{"name":"n","effective_value":"uc-secret-value"}"#)),
        Plant("bytes of a secret", "Ynl0ZXM=", .call("POST", "/api/2.0/secrets/put", body: #"{"scope":"s","key":"k","bytes_value":"Ynl0ZXM="}"#)),
        Plant(
            "credential in COPY INTO", "copy-into-token",
            .call("POST", body: #"{"statement":"COPY INTO t FROM 's3://b' WITH (CREDENTIAL (AWS_SESSION_TOKEN = 'copy-into-token'))"}"#)),
        Plant("S3 session token setting", "s3a-session", .call("POST", body: #"{"spark_conf":{"spark.hadoop.fs.s3a.session.token":"s3a-session"}}"#)),
        Plant(
            "key of an Azure connection string", "AzureAccountKey123",
            .call("POST", body: #"{"v":"DefaultEndpointsProtocol=https;AccountName=a;AccountKey=AzureAccountKey123;x=y"}"#)),
        Plant("JSON in JSON in JSON", "deep-pw", .call("POST", body: #"{"a":"{\"b\":\"{\\\"password\\\":\\\"deep-pw\\\"}\"}"}"#)),
        Plant("model service's key in a text", "sk-ant-REDACTX0123456789abcdef", .call("POST", body: #"{"note":"sk-ant-REDACTX0123456789abcdef"}"#)),
        Plant("token as a member's name", "dapi" + hex32, .call(answer: #"{"dapi\#(hex32)":1}"#)),
    ]

    static let all = basic + logins + vended + settings
}
