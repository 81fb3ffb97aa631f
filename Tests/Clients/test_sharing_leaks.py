"""A recipient sees its shares and nothing besides, whatever it sends; and what was taken away is gone at once."""

import json
import random

import pytest
from databricks.sdk.errors import BadRequest, InvalidParameterValue, NotFound, PermissionDenied
from databricks.sdk.service import catalog, iam
from databricks.sdk.service import sharing as s

from conftest import workspace_client
from sharing_support import QUERY, activate, fetch, objects, profile, raw, recipient, shop  # noqa: F401


def links(server, profile, path=QUERY, **options):
    answer = raw(server, profile, path, {}, **options)
    assert answer.status == 200, answer.body
    return [json.loads(line)["file"]["url"] for line in answer.body.splitlines()[2:]]


def remove(name):
    return [s.SharedDataObjectUpdate(s.SharedDataObjectUpdateAction.REMOVE, s.SharedDataObject(name))]


def test_a_group_of_a_recipients_name_sees_no_share(server, shop):
    recipient(shop)
    robot = shop.service_principals.create(display_name="robot")
    shop.groups.create(display_name="acme", members=[iam.ComplexValue(value=robot.id)])
    secret = shop.token_management.create_obo_token(robot.application_id, lifetime_seconds=600).token_value
    theirs = workspace_client(server, token=secret)
    with pytest.raises(PermissionDenied):
        theirs.shares.get("sales")
    assert list(theirs.shares.list_shares()) == []
    assert [(x.principal, [p.value for p in x.privileges]) for x in shop.shares.share_permissions("sales").privilege_assignments] == [("acme", ["SELECT"])]
    # The grant is the recipient's, whatever it is called.
    shop.recipients.update("acme", new_name="apex")
    assert [x.principal for x in shop.shares.share_permissions("sales").privilege_assignments] == ["apex"]
    shop.groups.delete(next(iter(shop.groups.list(filter='displayName eq "acme"'))).id)
    assert shop.recipients.share_permissions("apex").permissions_out[0].share_name == "sales"


def test_links_end_with_the_grant(server, shop, profile):
    shop.shares.update("sales", updates=objects("main.shop.orders"))
    url = links(server, profile)[0]
    assert fetch(url)[0] == 200
    change = s.PermissionsChange(principal="acme")
    change.remove = ["SELECT"]
    shop.shares.update_permissions("sales", changes=[change])
    assert fetch(url)[0] == 403
    change.remove, change.add = None, ["SELECT"]
    shop.shares.update_permissions("sales", changes=[change])
    assert fetch(url)[0] == 200
    shop.shares.update("sales", updates=remove("main.shop.orders"))
    assert fetch(url)[0] == 403


def test_links_end_with_the_token(server, shop, profile):
    shop.shares.update("sales", updates=objects("main.shop.orders"))
    old = links(server, profile)[0]
    made = shop.recipients.rotate_token("acme", existing_token_expire_in_seconds=0)
    assert fetch(old)[0] == 403
    token = activate(server, made).json["bearerToken"]
    new = links(server, profile, token=token)[0]
    assert fetch(new)[0] == 200
    shop.recipients.delete("acme")
    assert fetch(new)[0] == 403


def test_what_is_renamed_stays_shared_under_its_alias(server, shop, sql, profile):
    shop.shares.update("sales", updates=objects("main.shop.orders"))
    url = links(server, profile)[0]
    sql("ALTER TABLE main.shop.orders RENAME TO main.shop.sold")
    assert [x.name for x in shop.shares.get("sales", include_shared_data=True).objects] == ["main.shop.sold"]
    assert len(links(server, profile)) == 3 and fetch(url)[0] == 200
    shop.schemas.update("main.shop", new_name="store")
    one = shop.shares.get("sales", include_shared_data=True).objects[0]
    assert (one.name, one.shared_as) == ("main.store.sold", "shop.orders")
    assert shop.shares.update("sales", updates=remove("main.store.sold")).objects == []


def test_an_update_is_done_as_a_whole(shop, profile):
    shop.recipients.update("acme", expiration_time=4102444800000, comment="a")
    with pytest.raises(NotFound):
        shop.recipients.update("acme", expiration_time=4102444900000, comment="b", owner="nobody@example.com")
    known = shop.recipients.get("acme")
    assert (known.comment, known.tokens[0].expiration_time) == ("a", 4102444800000)


def test_edited_links_open_nothing(server, shop, sql, profile):
    sql("INSERT INTO main.shop.secret VALUES (42)")
    shop.shares.update("sales", updates=objects("main.shop.orders"))
    shop.shares.create("other")
    shop.shares.update("other", updates=objects("main.shop.secret"))
    other = tuple(shop.shares.share_permissions("other").privilege_assignments or [])
    assert other == ()
    recipient(shop, "rival", "other")
    url = links(server, profile)[0]
    path, query = url.split("?")
    secret = shop.tables.get("main.shop.secret").storage_location.replace("s3://", server.host + "/")
    root = path[:path.rindex("/")]
    for changed in [secret + "/_delta_log/00000000000000000000.json", root + "/../../x", root, server.host + "/" + path.split("/")[3]]:
        assert fetch(f"{changed}?{query}")[0] in (400, 403, 404), changed
        assert fetch(f"{changed}?list-type=2&{query}")[0] in (400, 403, 404), changed
    for name in query.split("&"):
        key, value = name.split("=", 1)
        for wrong in ["", value[:-1], value[:-1] + ("0" if value[-1] != "0" else "1"), value + "0"]:
            # A date in another spelling is another date; nothing else may differ.
            assert fetch(f"{path}?{query.replace(name, key + '=' + wrong)}")[0] in (400, 403), (key, wrong)


NAMES = ["sales", "other", "SALES", "shop", "main", "orders", "secret", "%2e%2e", "sales%2f..%2fother", "", "'", "%00", "%C3%A9", "x" * 300]
CAPABILITIES = [
    "responseformat=delta", "responseformat=parquet,delta", "responseformat=", "responseformat=orc", "readerfeatures=deletionvectors",
    "includeEndStreamAction=true", "includeendstreamaction", "asyncquery=true", ";;;", "=", "responseformat", "\u00ff", "a=" * 200, "x" * 4000]
VALUES = [
    None, True, 0, 1, -1, 2**63 - 1, -2**63, 1e300, 2**70, "", "x", "2026-01-01T00:00:00Z", "9999999-01-01", [], ["day = '2026-01-01'"], [1], {},
    {"op": "x"}, "{", "null", "[]"]
FIELDS = [
    "predicateHints", "jsonPredicateHints", "limitHint", "version", "timestamp", "startingVersion", "endingVersion", "maxFiles", "pageToken",
    "includeRefreshToken", "refreshToken", "idempotencyKey", "unknown"]


def hint(draw, depth=0):
    """A predicate, or nearly one."""
    op = draw.choice(["and", "or", "not", "isNull", "equal", "lessThan", "greaterThanOrEqual", "column", "literal", "", None, 7])
    node = {"op": op}
    if op in ("column", "literal") or draw.random() < 0.3:
        node.update(name=draw.choice(["day", "id", "DAY", "", None]), value=draw.choice(["2026-01-01", "x", "", None, 1]),
                    valueType=draw.choice(["date", "int", "long", "nothing", None]))
    if depth < 4 and draw.random() < 0.8:
        node["children"] = [hint(draw, depth + 1) for _ in range(draw.randrange(4))]
    return node


def test_whatever_is_sent_nothing_else_is_seen(server, shop, sql, profile):
    sql("INSERT INTO main.shop.secret VALUES (424242)")
    shop.shares.update("sales", updates=objects("main.shop.orders"))
    shop.shares.create("other")
    shop.shares.update("other", updates=objects("main.shop.secret"))
    place = shop.tables.get("main.shop.secret").storage_location.rsplit("/", 1)[1].encode()
    draw = random.Random(20260101)
    good = 0
    for _ in range(400):
        names = [draw.choice([name] * 60 + NAMES) for name in ("sales", "shop", "orders")]
        action = draw.choice(["query", "query", "query", "metadata", "version", "changes", ""])
        path = "/shares/{}/schemas/{}/tables/{}/".format(*names) + action
        headers = {"delta-sharing-capabilities": ";".join(draw.sample(CAPABILITIES, draw.randrange(3)))} if draw.random() < 0.6 else {}
        headers = {name: value.encode("latin-1", "ignore").decode("latin-1") for name, value in headers.items()}
        if action == "query":
            body = {name: draw.choice(VALUES) for name in draw.sample(FIELDS, draw.randrange(4))}
            if draw.random() < 0.4:
                body["jsonPredicateHints"] = json.dumps(hint(draw))
            data = json.dumps(body).encode()
            if draw.random() < 0.1:
                data = data[:draw.randrange(len(data))]
            answer = raw(server, profile, path, data, headers=headers)
        else:
            query = "&".join(f"{name}={draw.choice(['', '0', '-1', 'x', '99999999999999999999', '2026-01-01T00:00:00Z'])}"
                             for name in draw.sample(["version", "timestamp", "startingVersion", "endingVersion", "startingTimestamp"], draw.randrange(3)))
            answer = raw(server, profile, f"{path}?{query}" if query else path, headers=headers)
        assert answer.status < 500, (path, answer.body)
        assert place not in answer.body, (path, answer.body)
        if answer.status == 200:
            good += 1
            assert [name.lower() for name in names] == ["sales", "shop", "orders"], path
        elif answer.body and answer.json.get("errorCode") is None:
            assert answer.status in (403, 404), (path, answer.body)
    assert good > 40, good


def test_predicates_leave_out_what_cannot_pass(server, shop, profile):
    shop.shares.update("sales", updates=objects("main.shop.orders"))
    column = {"op": "column", "name": "day", "valueType": "date"}
    equal = {"op": "equal", "children": [column, {"op": "literal", "value": "2026-01-01", "valueType": "date"}]}

    def days(predicate):
        answer = raw(server, profile, QUERY, {"jsonPredicateHints": json.dumps(predicate)})
        return sorted(json.loads(line)["file"]["partitionValues"]["day"] for line in answer.body.splitlines()[2:])

    assert days(equal) == ["2026-01-01"]
    assert days({"op": "not", "children": [equal]}) == ["2026-01-02", "2026-01-02"]
    assert days({"op": "or", "children": [equal, {"op": "isNull", "children": [column]}]}) == ["2026-01-01"]
    assert len(days({"op": "lessThan", "children": "x"})) == 3


def test_grants_on_shares_are_for_recipients(shop):
    recipient(shop)
    with pytest.raises((BadRequest, InvalidParameterValue), match="not applicable"):
        shop.shares.update_permissions("sales", changes=[s.PermissionsChange(add=["MODIFY"], principal="acme")])
    with pytest.raises((BadRequest, InvalidParameterValue), match="not applicable"):
        shop.shares.update_permissions("sales", changes=[s.PermissionsChange(add=["MANAGE", "SELECT"], principal="account users")])


def test_who_may_give_a_share_to_a_recipient(server, shop):
    recipient(shop, share=None)
    robot = shop.service_principals.create(display_name="robot")
    secret = shop.token_management.create_obo_token(robot.application_id, lifetime_seconds=600).token_value
    theirs = workspace_client(server, token=secret)
    metastore = shop.metastores.summary().metastore_id

    def allow(*privileges):
        shop.grants.update("metastore", metastore, changes=[
            catalog.PermissionsChange(add=[catalog.Privilege(x) for x in privileges], principal=robot.application_id)])

    def give(share):
        theirs.shares.update_permissions(share, changes=[s.PermissionsChange(add=["SELECT"], principal="acme")])

    allow("CREATE_SHARE")
    theirs.shares.create("own")
    with pytest.raises(PermissionDenied, match="USE RECIPIENT"):
        give("own")
    allow("USE_RECIPIENT", "USE_SHARE")
    give("own")
    with pytest.raises(PermissionDenied):
        give("sales")
    allow("SET_SHARE_PERMISSION")
    give("sales")
    with pytest.raises(PermissionDenied):
        theirs.shares.update_permissions("sales", changes=[s.PermissionsChange(add=["MANAGE"], principal=robot.application_id)])
    assert [x.share_name for x in shop.recipients.share_permissions("acme").permissions_out] == ["own", "sales"]
