"""Shared views: a recipient reads what the view shows its owner, as files."""

import delta_sharing

from sharing_support import fetch, objects, profile, raw, shop  # noqa: F401


def test_a_view_is_read_by_pandas(shop, sql, profile):
    sql("CREATE VIEW main.shop.totals AS SELECT day, sum(amount) AS total, count(*) AS n FROM main.shop.orders GROUP BY day")
    shop.shares.update("sales", updates=objects("main.shop.totals"))
    client = delta_sharing.SharingClient(str(profile))
    assert [(x.schema, x.name) for x in client.list_all_tables()] == [("shop", "totals")]

    def read():
        frame = delta_sharing.load_as_pandas(f"{profile}#sales.shop.totals")
        return sorted((str(row.day), row.total, row.n) for row in frame.itertuples())

    assert read() == [("2026-01-01", 1.5, 1), ("2026-01-02", 6.0, 2)]
    sql("DELETE FROM main.shop.orders WHERE id = 3")
    assert read() == [("2026-01-01", 1.5, 1), ("2026-01-02", 2.5, 1)]
    assert len(delta_sharing.load_as_pandas(f"{profile}#sales.shop.totals", limit=1)) == 1


def test_a_view_has_no_history_and_says_nothing_of_what_lies_behind(server, shop, sql, profile):
    sql("CREATE VIEW main.shop.hidden AS SELECT id AS number FROM main.shop.secret")
    sql("INSERT INTO main.shop.secret VALUES (7)")
    shop.shares.update("sales", updates=objects("main.shop.hidden"))
    path = "/shares/sales/schemas/shop/tables/hidden"
    answer = raw(server, profile, path + "/query", {"version": 0})
    assert (answer.status, answer.json["errorCode"]) == (400, "INVALID_PARAMETER_VALUE")
    assert raw(server, profile, path + "/version").headers["Delta-Table-Version"] == "0"
    assert b"secret" not in raw(server, profile, path + "/query", {}).body
    sql("DROP TABLE main.shop.secret")
    answer = raw(server, profile, path + "/query", {})
    assert answer.status == 400 and b"secret" not in answer.body
    assert answer.json["message"] == "The shared view 'shop.hidden' cannot be read at the provider."


def test_materialized_views_are_tables(shop, sql, profile):
    sql("CREATE MATERIALIZED VIEW main.shop.kept AS SELECT id FROM main.shop.orders WHERE id > 1")
    shop.shares.update("sales", updates=objects("main.shop.kept"))
    assert sorted(delta_sharing.load_as_pandas(f"{profile}#sales.shop.kept")["id"].tolist()) == [2, 3]
