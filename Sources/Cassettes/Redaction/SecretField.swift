/// Fields that carry secrets: JSON members, form fields, query parameters, headers, options, settings.
///
/// The one list of them. Redaction, `cassette check` and the matching of requests all read it.
struct SecretField: Sendable {
    enum Place: Sendable {
        case anywhere
        /// Any name that ends so.
        case suffix
        /// Any dotted name that holds this: Spark and Hadoop settings.
        case setting
        /// Paths and operations of secret scopes and Unity Catalog secrets.
        case secretStore
        /// OAuth endpoints.
        case oauth
        /// Members of objects under these names.
        case inside([String])
    }

    /// The names, in lower case without `_` and `-`, parted by spaces; `*` for all.
    let names: String
    let kind: SecretKind
    /// Whether the name makes what follows a secret in running text too, where weak names are words: there they need `name=value`.
    var isStrong = true
    var place = Place.anywhere
    /// Which objects of the service have it.
    let source: String

    /// Objects whose members are all secrets unless they are harmless: environment variables, and the secrets of a connection.
    static let environments = ["sparkenvvars", "envvars", "environmentvars", "environmentvariables"]
    private static let webhooks = ["slack", "microsoftteams", "genericwebhook", "webhook"]

    static let all: [SecretField] = identity + credentials + vended + links + destinations + stores + settings

    private static let identity: [SecretField] = [
        .init(names: "accesstoken refreshtoken idtoken", kind: .token, source: "OAuth token answers; ml.JobSpec; connection options"),
        .init(names: "subjecttoken actortoken clientassertion", kind: .token, source: "POST /oidc/v1/token: RFC 7523, RFC 8693"),
        .init(names: "assertion", kind: .token, isStrong: false, source: "POST /oidc/v1/token: RFC 7523"),
        .init(names: "codeverifier pkceverifier devicecode", kind: .code, source: "POST /oidc/v1/token: RFC 7636, RFC 8628"),
        .init(names: "code usercode", kind: .code, place: .oauth, source: "authorization codes: RFC 6749, RFC 8628"),
        .init(names: "clientsecret", kind: .clientSecret, source: "POST /oidc/v1/token; custom app integrations; azure_service_principal"),
        .init(names: "secret", kind: .clientSecret, isStrong: false, source: "service principal secrets; ml.HttpUrlSpec"),
        .init(names: "secrethash", kind: .clientSecret, source: "oauth2.SecretInfo"),
        .init(names: "tokenvalue", kind: .token, source: "token/create, token-management/on-behalf-of/tokens"),
        .init(names: "token credential", kind: .token, isStrong: false, source: "database and Postgres credentials; credentials-manager"),
        .init(names: "authorization proxyauthorization", kind: .token, isStrong: false, source: "headers; ml.HttpUrlSpec"),
        .init(names: "xdatabricksazurespmanagementtoken xdatabricksgcpsaaccesstoken", kind: .token, source: "headers of Azure and Google logins"),
        .init(
            names: "password passwd pwd passphrase", kind: .password, source: "SCIM users; Postgres roles; docker basic_auth; connections; JDBC URLs"),
        .init(names: "sharingcode", kind: .code, source: "sharing.RecipientInfo"),
    ]

    private static let credentials: [SecretField] = [
        .init(names: "personalaccesstoken", kind: .token, source: "git-credentials"),
        .init(names: "privatekey privatekeypem pemprivatekey sshprivatekey", kind: .privateKey, source: "Google service accounts; connections"),
        .init(names: "googleserviceaccountkeyjson serviceaccountkey", kind: .privateKey, source: "BigQuery connections"),
        .init(names: "apikey xapikey apitoken authtoken", kind: .token, source: "model providers; connections"),
        .init(names: "plaintext", kind: .clientSecret, isStrong: false, source: "catalog.ModelProviderServiceConfigProviderSecret"),
        .init(names: "loganalyticsprimarykey", kind: .secretKey, source: "compute.LogAnalyticsInfo"),
        .init(
            names: "masterkey sharedaccesskey sharedkey accountkey storageaccountkey", kind: .secretKey, source: "COPY INTO; Azure connection strings"
        ),
    ]

    private static let vended: [SecretField] = [
        .init(names: "accesskeyid awsaccesskeyid awsaccesskey", kind: .accessKey, source: "temporary credentials: AWS, R2; storage credentials"),
        .init(names: "secretaccesskey awssecretaccesskey awssecretkey", kind: .secretKey, source: "temporary credentials: AWS, R2; Bedrock"),
        .init(names: "sessiontoken awssessiontoken", kind: .token, source: "temporary credentials: AWS, R2; resumable uploads"),
        .init(names: "sastoken azuresastoken azureuserdelegationsas sharedaccesssignature", kind: .token, source: "temporary credentials: Azure"),
        .init(names: "aadtoken", kind: .token, source: "temporary service credentials: Azure"),
        .init(names: "oauthtoken gcpoauthtoken", kind: .token, source: "temporary credentials: Google; settings.SlackConfig"),
        .init(names: "cloudflareapitoken", kind: .token, source: "storage credentials: R2"),
        .init(names: "bearertoken", kind: .token, source: "Delta Sharing profiles; connections"),
        .init(
            names: "xamzserversideencryptioncustomerkey xgoogencryptionkey xmsencryptionkey", kind: .secretKey,
            source: "headers that go with presigned links"),
    ]

    private static let links: [SecretField] = [
        .init(names: "xamzsignature xgoogsignature", kind: .signature, source: "presigned links: AWS, Google"),
        .init(names: "sig signature", kind: .signature, isStrong: false, source: "presigned links: Azure, AWS version 2, CloudFront"),
        .init(names: "xamzcredential xgoogcredential", kind: .accessKey, source: "presigned links: AWS, Google"),
        .init(names: "xamzsecuritytoken", kind: .token, source: "presigned links: AWS"),
        .init(names: "downloadidsignature statementidsignature", kind: .signature, source: "Genie: downloads of query results"),
        .init(names: "activationurl activationlink", kind: .activation, isStrong: false, source: "sharing and marketplace: recipients' tokens"),
    ]

    private static let destinations: [SecretField] = [
        .init(names: "integrationkey", kind: .token, source: "settings.PagerdutyConfig"),
        .init(names: "authsecret", kind: .clientSecret, source: "settings.MicrosoftTeamsConfig"),
        .init(names: "url channelurl", kind: .webhook, place: .inside(webhooks), source: "notification destinations: the address is the secret"),
        .init(names: "webhookuri webhookurl slackwebhook", kind: .webhook, isStrong: false, source: "lakewatch exports; connections"),
        .init(names: "webhooksecret sharedsecret signingsecret", kind: .clientSecret, source: "webhooks"),
    ]

    private static let stores: [SecretField] = [
        .init(
            names: "value stringvalue bytesvalue effectivevalue", kind: .value, place: .secretStore,
            source: "secrets/put, secrets/get; catalog.Secret"),
        .init(names: "*", kind: .value, place: .inside(["secrets"]), source: "catalog.ConnectionInfo"),
        .init(names: "*", kind: .value, place: .inside(environments), source: "clusters, apps, jobs, served models: environment variables"),
    ]

    private static let settings: [SecretField] = [
        .init(names: "password", kind: .password, place: .suffix, source: "any: keystore, proxy and database passwords"),
        .init(names: "plaintext", kind: .clientSecret, place: .suffix, source: "serving.ExternalModel: …_plaintext"),
        .init(names: "clientsecret apisecret webhooksecret", kind: .clientSecret, place: .suffix, source: "serving.OpenAiConfig; connections"),
        .init(names: "secretkey secretaccesskey", kind: .secretKey, place: .suffix, source: "any"),
        .init(names: "accesstoken refreshtoken apitoken sastoken", kind: .token, place: .suffix, source: "any"),
        .init(names: "apikey token", kind: .token, isStrong: false, place: .suffix, source: "serving.ExternalModel; tokens of other services"),
        .init(names: "privatekey", kind: .privateKey, place: .suffix, source: "connections"),
        .init(
            names: "secret password .account.key .sas. accesskey access.key private.key session.token auth.token access.token", kind: .secretKey,
            place: .setting, source: "spark.hadoop.fs.…"),
    ]

    /// Names that end like those of secrets and are none: positions in listings, keys against repetition, counts, references.
    static let harmlessSuffixes = [
        "pagetoken", "idempotencytoken", "consistencytoken", "continuationtoken", "synctoken", "requesttoken", "clienttoken", "cursortoken",
        "resumetoken", "useraccesstoken", "rotatetoken", "pertoken", "eostoken", "bostoken", "padtoken", "unktoken", "stoptoken", "specialtoken",
    ]
}
