"""Queries of recipients in pages, and fresh links for the files of an earlier one."""

import json

import pytest

from sharing_support import HISTORY, QUERY, fetch, objects, profile, raw, shop  # noqa: F401


def ask(server, profile, body, status=200):
    answer = raw(server, profile, QUERY, body)
    assert answer.status == status, answer.body
    if status != 200:
        return answer.json["errorCode"], answer.json["message"]
    lines = [json.loads(line) for line in answer.body.splitlines()]
    assert "protocol" in lines[0] and "metaData" in lines[1]
    end = lines.pop()["endStreamAction"] if "endStreamAction" in lines[-1] else None
    return lines[1], [line["file"] for line in lines[2:]], end


def test_pages_of_files(server, shop, sql, profile):
    shop.shares.update("sales", updates=objects("main.shop.orders"))
    meta, whole, end = ask(server, profile, {})
    assert len(whole) == 3 and end is None
    first_meta, first, end = ask(server, profile, {"maxFiles": 2})
    assert [x["id"] for x in first] == [x["id"] for x in whole[:2]] and end["nextPageToken"] and first_meta == meta
    # A page belongs to the version of the first one.
    sql("INSERT INTO main.shop.orders VALUES (4, 4.5, DATE'2026-01-03')")
    next_meta, rest, last = ask(server, profile, {"maxFiles": 2, "pageToken": end["nextPageToken"]})
    assert [x["id"] for x in rest] == [whole[2]["id"]] and next_meta == meta and "nextPageToken" not in last
    assert fetch(rest[0]["url"])[0] == 200
    assert len(ask(server, profile, {})[1]) == 4
    for body in [{"maxFiles": 0}, {"maxFiles": -1}, {"pageToken": "x"}, {"pageToken": end["nextPageToken"], "limitHint": 1},
                 {"pageToken": "9" + end["nextPageToken"]}]:
        assert ask(server, profile, body, 400)[0] == "INVALID_PARAMETER_VALUE", body


def test_pages_of_changes(server, shop, profile):
    shop.shares.update("sales", updates=objects("main.shop.orders", **HISTORY))
    path = "/shares/sales/schemas/shop/tables/orders/changes?startingVersion=1&maxFiles=2"
    answer = raw(server, profile, path)
    lines = [json.loads(line) for line in answer.body.splitlines()]
    token = lines[-1]["endStreamAction"]["nextPageToken"]
    rest = [json.loads(line) for line in raw(server, profile, f"{path}&pageToken={token}").body.splitlines()]
    ids = [line["add"]["id"] for line in lines[2:-1] + rest[2:-1]]
    assert len(ids) == len(set(ids)) == 3 and "nextPageToken" not in rest[-1]["endStreamAction"]


def test_fresh_links(server, shop, sql, profile):
    shop.shares.update("sales", updates=objects("main.shop.orders"))
    _, whole, end = ask(server, profile, {"includeRefreshToken": True})
    sql("INSERT INTO main.shop.orders VALUES (4, 4.5, DATE'2026-01-03')")
    _, fresh, _ = ask(server, profile, {"refreshToken": end["refreshToken"]})
    assert [x["id"] for x in fresh] == [x["id"] for x in whole]
    assert ask(server, profile, {"refreshToken": end["refreshToken"], "version": 1}, 400)[0] == "INVALID_PARAMETER_VALUE"
    assert ask(server, profile, {"refreshToken": "1.0.9999999999999.00"}, 400)[0] == "INVALID_PARAMETER_VALUE"


def test_tables_with_filters_are_not_given_away(server, shop, sql, profile):
    shop.shares.update("sales", updates=objects("main.shop.orders"))
    sql("CREATE FUNCTION main.shop.only(x BIGINT) RETURN x = 1")
    sql("ALTER TABLE main.shop.orders SET ROW FILTER main.shop.only ON (id)")
    sql("CREATE FUNCTION main.shop.mask(x BIGINT) RETURN -x")
    sql("CREATE TABLE main.shop.masked (id BIGINT MASK main.shop.mask)")
    assert "row filter" in ask(server, profile, {}, 400)[1]
    with pytest.raises(Exception, match="cannot be shared"):
        shop.shares.update("sales", updates=objects("main.shop.masked"))
