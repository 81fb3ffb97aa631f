#!/usr/bin/env python3
"""Prints Sources/API/KnownOperations+Published.swift: every operation of the published Python SDK.

    pip download --no-deps databricks-sdk && unzip -q databricks_sdk-*.whl -d sdk
    python3 scripts/known_operations.py --sdk sdk/databricks/sdk/service > Sources/API/KnownOperations+Published.swift

`--sdk` may be given several times, newest first: a later folder adds the routes that the earlier ones lack.
The package is parsed with `ast` and never imported. Only method, path and names are taken.

How an operation gets its id, `area.resource.action`
  area      the SDK's module in snake case (AREAS); every service of the account console is in `account`
  resource  the service class in snake case, without the area's name in front; left out if nothing remains
            (`jobs.create`), kept if it is the plural (`catalog.catalogs.list`)
  action    the method, without the resource's own noun behind the verb (`secrets.put` for `put_secret`)
Services known under a name of their own have it (SERVICES). Two methods with one route are one operation:
the older, shorter service names it (LATER lists the others). Two methods that would share an id keep their full names.

How a path is written
  `{x}` is one segment, `{x...}` one or more, `{x}:verb` a segment that ends in `:verb`, `files{x}` the rest of the path with its slash.
  A placeholder that holds a whole resource name (`catalogs/{catalog}`) is expanded if its form is stated.
"""
import argparse
import ast
import os
import re
import sys

AREAS = {
    "agentbricks": "agent_bricks", "agentkit": "agent_kit", "aifunctions": "ai_functions", "aisearch": "ai_search",
    "bundledeployments": "bundle_deployments", "cleanrooms": "clean_rooms", "computemigrations": "compute_migrations",
    "dataclassification": "data_classification", "dataquality": "data_quality", "disasterrecovery": "disaster_recovery",
    "genieagents": "genie_agents", "iamv2": "iam_v2", "knowledgeassistants": "knowledge_assistants",
    "qualitymonitorv2": "quality_monitor_v2", "settingsv2": "settings_v2", "supervisoragents": "supervisor_agents",
    "vectorsearch": "vector_search",
}

# Services with a name of their own, as it stands in their paths or as everybody calls them.
SERVICES = {
    "compute.ClustersAPI": "clusters",
    "compute.PolicyComplianceForClustersAPI": "clusters.policy_compliance",
    "dashboards.GenieAPI": "genie",
    "files.DbfsAPI": "dbfs",
    "files.FilesAPI": "fs",
    "iam.PermissionsAPI": "permissions",
    "iamv2.WorkspaceIamV2API": "iam_v2",
    "iam.AccountAccessControlProxyAPI": "iam.access_control_rules",
    "jobs.PolicyComplianceForJobsAPI": "jobs.policy_compliance",
    "oauth2.ServicePrincipalSecretsProxyAPI": "oauth2.service_principal_secrets",
    "settings.TokenManagementAPI": "token_management",
    "settings.TokensAPI": "tokens",
    "settingsv2.WorkspaceSettingsV2API": "settings_v2",
    "sql.QueryHistoryAPI": "sql.history",
    "sql.StatementExecutionAPI": "sql.statements",
    "workspace.GitCredentialsAPI": "git_credentials",
    "workspace.ReposAPI": "repos",
    "workspace.SecretsAPI": "secrets",
}

# Actions whose method name says too much.
ACTIONS = {
    "sql.StatementExecutionAPI.cancel_execution": "cancel",
    "sql.StatementExecutionAPI.get_statement_result_chunk_n": "result_chunk",
}

# Services whose routes are (partly) those of an older one.
LATER = {
    "iam.GroupsV2API", "iam.ServicePrincipalsV2API", "iam.UsersV2API", "iam.AccountGroupsV2API",
    "iam.AccountServicePrincipalsV2API", "iam.AccountUsersV2API", "iamv2.WorkspaceIamV2API", "bundledeployments.BundleDeploymentsAPI",
    "workspace.WorkspaceAPI", "sql.DbsqlPermissionsAPI",
}

# Resource names whose form the method's own description does not state: "module.method", or "module" for all of them.
FORMS = {
    "environments.get_default_workspace_base_environment": "default-workspace-base-environment",
    "environments.get_operation": "operations/{operation_id}",
    "environments.update_default_workspace_base_environment": "default-workspace-base-environment",
    "environments.update_workspace_base_environment": "workspace-base-environments/{workspace_base_environment}",
    "lakewatch.delete_datasource": "datasources/{datasource_id}",
    "lakewatch.get_alert_config": "catalogs/{catalog}/alertConfig",
    "lakewatch.get_common_config": "catalogs/{catalog}/commonConfig",
    "lakewatch.get_datasource": "datasources/{datasource_id}",
    "lakewatch.get_datasource_config": "catalogs/{catalog}/datasourceConfig",
    "lakewatch.get_rule_config": "catalogs/{catalog}/ruleConfig",
    "lakewatch.update_alert_config": "catalogs/{catalog}/alertConfig",
    "lakewatch.update_common_config": "catalogs/{catalog}/commonConfig",
    "lakewatch.update_datasource_config": "catalogs/{catalog}/datasourceConfig",
    "lakewatch.update_rule_config": "catalogs/{catalog}/ruleConfig",
    "networking.create_private_network_gateway": "accounts/{account_id}/network-connectivity-configs/{ncc_id}",
    "networking.delete_endpoint": "accounts/{account_id}/endpoints/{endpoint_id}",
    "networking.get_endpoint": "accounts/{account_id}/endpoints/{endpoint_id}",
    "networking.get_private_network_gateway":
        "accounts/{account_id}/network-connectivity-configs/{ncc_id}/private-network-gateways/{gateway_id}",
    "networking.get_private_network_gateway_operation": "accounts/{account_id}/operations/{operation_id}",
    "networking.delete_private_network_gateway":
        "accounts/{account_id}/network-connectivity-configs/{ncc_id}/private-network-gateways/{gateway_id}",
    "networking.list_private_network_gateways": "accounts/{account_id}/network-connectivity-configs/{ncc_id}",
    "sandbox": "sandboxes/{sandbox_id}",
}

FORM = re.compile(r"(?<![\w/{}.])[a-z][\w-]*/\{[\w.-]+\}(?:\.\{[\w.-]+\})*(?:/[a-z][\w-]*/\{[\w.-]+\}(?:\.\{[\w.-]+\})*)*(?:/[a-z][\w-]*)?")
CALL = "self._api.do"
HEAD = '''\
// Printed by scripts/known_operations.py from the published Python SDK; do not edit. The naming rule is in that script.

extension KnownOperations {
    /// One operation a line: id, method, path.
    static let published: StaticString = """
'''
TAIL = '''        """
}
'''


def snake(name):
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name.replace("OAuth", "Oauth")).lower()


def singular(word):
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith("sses"):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


def service_id(module, cls, account):
    """`area.resource`, or `area` alone."""
    full = f"{module}.{cls}"
    if full in SERVICES:
        return SERVICES[full]
    area = "account" if account else AREAS.get(module, module)
    resource = snake(cls[:-3])
    if account:
        return "account." + re.sub(r"^account_|_account$", "", resource)
    if resource == area:
        return area
    for front in (area + "_", singular(area) + "_"):
        if resource.startswith(front):
            resource = resource[len(front):]
            break
    return f"{area}.{resource}"


def action_id(module, cls, method, service):
    full = f"{module}.{cls}.{method}"
    if full in ACTIONS:
        return ACTIONS[full]
    method = method.rstrip("_")
    verb, _, rest = method.partition("_")
    names = {snake(cls[:-3]), service.split(".")[-1]}
    nouns = set()
    for name in names:
        name = re.sub(r"_v\d$|_api$|_proxy$|^account_", "", name)
        nouns |= {name, singular(name)}
    return verb if rest in nouns else method


def form_of(module, method, placeholder):
    """The stated form of the resource name that a placeholder holds."""
    for key in (f"{module}.{method.name}", module):
        if key in FORMS and placeholder in ("name", "parent"):
            return FORMS[key]
    doc = ast.get_docstring(method) or ""
    part = re.search(r":param %s:(.*?)(?=\n:param |\n:returns|\Z)" % re.escape(placeholder), doc, re.S)
    found = FORM.findall(part.group(1)) if part else []
    if not found and placeholder in ("name", "parent"):
        found = FORM.findall(doc)
    return found[0].rstrip("/") if found else None


def path_of(module, method, node):
    if isinstance(node, ast.Constant):
        return node.value
    path = ""
    for piece in node.values:
        if isinstance(piece, ast.Constant):
            path += piece.value
            continue
        source = piece.value
        whole = isinstance(source, ast.Call)                 # a file's path, slashes and all
        name = ast.unparse(source.args[0] if whole else source)
        name = re.sub(r"\.value$", "", name)
        root, name = name.split(".")[0], name.split(".")[-1]
        form = None if whole else form_of(module, method, root if root != "self" else name)
        if whole:
            path += "{%s}" % name
        elif form:
            lead = form.split("/")[0]
            path += form[len(lead) + 1:] if path.endswith(f"/{lead}/") else form
        else:
            path += "{%s}" % name
    segments = []
    for segment in path.split("/"):
        if segment.count("{") > 1:
            segment = "{full_name}" + (re.search(r"(:\w+)?$", segment).group(0))
        segments.append(segment.replace("-", "_") if segment.startswith("{") else segment)
    return "/".join(segments)


def operations(folder):
    """(service class, method name, verb, path) of every call, in file order."""
    for file in sorted(os.listdir(folder)):
        if not file.endswith(".py") or file.startswith("_"):
            continue
        with open(os.path.join(folder, file), encoding="utf-8") as text:
            tree = ast.parse(text.read())
        module = file[:-3]
        for cls in tree.body:
            if not (isinstance(cls, ast.ClassDef) and cls.name.endswith("API")):
                continue
            for method in cls.body:
                if not isinstance(method, ast.FunctionDef):
                    continue
                for node in ast.walk(method):
                    if isinstance(node, ast.Call) and ast.unparse(node.func) == CALL and len(node.args) == 2:
                        yield module, cls.name, method.name, node.args[0].value, path_of(module, method, node.args[1])


def shape(verb, path):
    return verb, re.sub(r"\{\w+", "{", path)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--sdk", action="append", required=True, help="a folder databricks/sdk/service; newest first")
    arguments = parser.parse_args()

    routes, taken = [], set()
    for release, folder in enumerate(arguments.sdk):
        found = list(operations(folder))
        repeated = {}                                        # one template for several kinds of resource, none of them stated
        for module, cls, method, verb, path in found:
            repeated.setdefault((module, verb, path), []).append(method)
        account = {}
        for module, cls, method, verb, path in found:
            account.setdefault((module, cls), []).append("{account_id}" in path)
        found.sort(key=lambda row: f"{row[0]}.{row[1]}" in LATER)
        for module, cls, method, verb, path in found:
            several = len(repeated[module, verb, path]) > 1
            if path.endswith("/{name}") and (several or (module, method) == ("postgres", "get_operation")):
                path = path[:-1] + "...}"
            if re.match(r"/api/\d\.\d/\{", path):
                sys.exit(f"{module}.{cls}.{method}: {path} would match everything; state its form in FORMS")
            key = shape(verb, path)
            if key in taken:
                continue
            taken.add(key)
            service = service_id(module, cls, all(account[module, cls]))
            routes.append((service, action_id(module, cls, method, service), method.rstrip("_"), release, f"{verb} {path}"))

    methods = {}
    for service, action, method, *_ in routes:
        methods.setdefault((service, action), set()).add(method)
    lines = {}
    for service, action, method, release, route in routes:
        name = f"{service}.{method if len(methods[service, action]) > 1 else action}"
        if any(other == release for other, _ in lines.get(name, [])):
            sys.exit(f"two operations would be called {name}: {lines[name]} and {route}")
        lines.setdefault(name, []).append((release, route))
    sys.stdout.write(HEAD)
    for name in sorted(lines):
        for _, route in lines[name]:                         # an older release may have another path for the same
            sys.stdout.write(f"        {name} {route}\n")
    sys.stdout.write(TAIL)


if __name__ == "__main__":
    main()
