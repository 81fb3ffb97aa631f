"""What hangs on Lakebase's databases and branches: catalogs, synced tables, the Data API, change feeds, snapshots and their schedules."""

import pytest
from databricks.sdk.common.types.fieldmask import FieldMask
from databricks.sdk.errors import AlreadyExists, BadRequest, DatabricksError, InvalidParameterValue, NotFound, PermissionDenied
from databricks.sdk.service import postgres as pg
from google.protobuf.duration_pb2 import Duration

from conftest import Server

API = "/api/2.0/postgres/"
PRODUCTION = "projects/shop/branches/production"
DATABASE = PRODUCTION + "/databases/databricks-postgres"


@pytest.fixture(scope="module")
def shared_server():
    server = Server("serve", "--port", 0, "--seed", 7, "--clock", "virtual")
    yield server
    assert server.stop() == 0


@pytest.fixture
def postgres(client):
    client.postgres.create_project(pg.Project(), "shop").wait()
    return client.postgres


def mask(*paths):
    return FieldMask(list(paths))


def hours(count):
    return Duration(seconds=count * 3600)


def catalog(postgres, name, database, branch=PRODUCTION, create=None):
    spec = pg.CatalogCatalogSpec(postgres_database=database, branch=branch, create_database_if_missing=create)
    return postgres.create_catalog(pg.Catalog(spec=spec), name).wait()


def test_catalogs_and_synced_tables(client, postgres, sql):
    with pytest.raises(NotFound, match="database not found"):
        catalog(postgres, "online", "appdb")
    made = catalog(postgres, "online", "appdb", create=True)
    assert (made.name, made.catalog_id, made.status.branch, made.status.postgres_database, made.status.project) == (
        "catalogs/online", "online", PRODUCTION, "appdb", "projects/shop")
    assert client.catalogs.get("online").catalog_type.value == "MANAGED_ONLINE_CATALOG"
    assert postgres.get_catalog("catalogs/online") == made
    assert "appdb" in [d.status.postgres_database for d in postgres.list_databases(PRODUCTION)]
    # One registration a database; a child branch's copy counts as the same until it is made again.
    with pytest.raises(AlreadyExists):
        catalog(postgres, "second", "appdb")
    dev = postgres.create_branch("projects/shop", pg.Branch(spec=pg.BranchSpec(no_expiry=True)), "dev").wait().name
    with pytest.raises(AlreadyExists):
        catalog(postgres, "second", "appdb", dev)
    postgres.delete_database(dev + "/databases/appdb").wait()
    assert catalog(postgres, "second", "appdb", dev, create=True).status.branch == dev
    with pytest.raises(DatabricksError):
        catalog(postgres, "second", "databricks_postgres")
    postgres.delete_catalog("catalogs/second").wait()
    with pytest.raises(NotFound):
        client.catalogs.get("second")

    sql("CREATE SCHEMA main.source")
    sql("CREATE TABLE main.source.trips (id BIGINT, v STRING, e ARRAY<FLOAT>)")
    spec = dict(source_table_full_name="main.source.trips", primary_key_columns=["id"],
                scheduling_policy=pg.SyncedTableSyncedTableSpecSyncedTableSchedulingPolicy.SNAPSHOT)
    create = lambda name, **more: postgres.create_synced_table(
        pg.SyncedTable(spec=pg.SyncedTableSyncedTableSpec(**{**spec, **more})), name).wait()
    table = create("online.reports.trips")
    assert (table.name, table.status.detailed_state.value, table.status.unity_catalog_provisioning_state.value, table.status.project) == (
        "synced_tables/online.reports.trips", "SYNCED_TABLE_ONLINE_NO_PENDING_UPDATE", "ACTIVE", "projects/shop")
    assert table.uid == client.tables.get("online.reports.trips").table_id
    assert postgres.get_synced_table(table.name) == table
    with pytest.raises(AlreadyExists):
        create("online.reports.trips")
    override = lambda **more: [pg.SyncedTableSyncedTableSpecTypeOverride(
        column_name="e", pg_type=pg.SyncedTableSyncedTableSpecPgSpecificType.PG_SPECIFIC_TYPE_VECTOR, **more)]
    for more in ({"primary_key_columns": ["nope"]}, {"branch": dev}, {"postgres_database": "other"}, {"accelerated_sync": True},
                 {"type_overrides": override()}, {"scheduling_policy": pg.SyncedTableSyncedTableSpecSyncedTableSchedulingPolicy.CONTINUOUS},
                 {"extra_columns": [pg.SyncedTableSyncedTableSpecExtraColumn(column_name="ID", column_type="int")]}):
        with pytest.raises((BadRequest, InvalidParameterValue, PermissionDenied)):
            create("online.reports.bad", **more)
        with pytest.raises(NotFound):
            client.tables.get("online.reports.bad")
    with pytest.raises(InvalidParameterValue, match="spec.branch"):
        create("main.source.standard", postgres_database="appdb")
    with pytest.raises(NotFound, match="database not found"):
        create("main.source.standard", branch=PRODUCTION, postgres_database="later", create_database_objects_if_missing=False)
    standard = create("main.source.standard", branch=PRODUCTION, postgres_database="later", type_overrides=override(size=3))
    assert "later" in [d.status.postgres_database for d in postgres.list_databases(PRODUCTION)]
    with pytest.raises(NotFound):
        client.database.get_synced_database_table("main.source.standard")
    with pytest.raises(DatabricksError, match="not empty"):
        postgres.delete_catalog("catalogs/online")
    for name in (table.name, standard.name):
        postgres.delete_synced_table(name).wait()
        with pytest.raises(NotFound, match="synced table id not found"):
            postgres.get_synced_table(name)
    postgres.delete_catalog("catalogs/online").wait()
    with pytest.raises(NotFound, match="catalog id not found"):
        postgres.get_catalog("catalogs/online")


def test_data_api(postgres):
    name = DATABASE + "/data-api"
    with pytest.raises(NotFound):
        postgres.get_data_api(name)
    made = postgres.create_data_api(DATABASE, pg.DataApi(spec=pg.DataApiDataApiSpec(db_max_rows=100))).wait()
    assert (made.name, made.status.db_max_rows, made.status.db_schemas, made.status.jwt_role_claim_key, made.status.db_aggregates_enabled) == (
        name, 100, ["public"], ".sub", True)
    host = next(postgres.list_endpoints(PRODUCTION)).status.hosts.host
    assert made.status.url.startswith(f"https://{host}/api/2.0/workspace/") and made.status.url.endswith("/rest/databricks_postgres")
    with pytest.raises(AlreadyExists):
        postgres.create_data_api(DATABASE, pg.DataApi())
    update = lambda *paths, **spec: postgres.update_data_api(name, pg.DataApi(spec=pg.DataApiDataApiSpec(**spec)), mask(*paths)).wait().status
    status = update("spec.db_schemas", db_schemas=["public", "api"], db_max_rows=5)
    assert (status.db_schemas, status.db_max_rows) == (["public", "api"], 100)
    for bad in ({"db_schemas": ["1x"]}, {"db_max_rows": 0}):
        with pytest.raises(InvalidParameterValue):
            update(*("spec." + member for member in bad), **bad)
    assert postgres.get_data_api(name).status == status
    postgres.delete_data_api(name).wait()
    with pytest.raises(NotFound, match="data api id not found"):
        postgres.get_data_api(name)


def test_change_feeds(client, postgres):
    client.schemas.create("feeds", "main")
    create = lambda schema, name=None, target="feeds": postgres.create_cdf_config(
        DATABASE, pg.CdfConfig(catalog="main", schema=target, postgres_schema=schema), cdf_config_id=name).wait()
    made = create("public")
    assert (made.name, made.cdf_config_id, made.catalog, made.schema) == (DATABASE + "/cdf-configs/public", "public", "main", "feeds")
    with pytest.raises(AlreadyExists):
        create("public", "again")
    with pytest.raises(NotFound):
        create("other", target="nobody")
    with pytest.raises(InvalidParameterValue):
        create("Other")
    create("Other", "other")
    assert [c.cdf_config_id for c in postgres.list_cdf_configs(DATABASE, page_size=1)] == ["public", "other"]
    assert list(postgres.list_cdf_statuses(made.name)) == []
    with pytest.raises(NotFound, match="cdf status"):
        postgres.get_cdf_status(made.name + "/cdf-statuses/orders")
    postgres.delete_cdf_config(made.name, force=True).wait()
    with pytest.raises(NotFound, match="cdf config id not found"):
        postgres.get_cdf_config(made.name)


def test_snapshots(server, postgres):
    postgres.create_role(PRODUCTION, pg.Role(spec=pg.RoleRoleSpec(postgres_role="app")), role_id="app").wait()
    create = lambda name, **spec: postgres.create_snapshot(
        "projects/shop", pg.Snapshot(spec=pg.SnapshotSpec(**{"source_branch": PRODUCTION, **spec})), name).wait()
    kept = create("kept")
    assert (kept.status.source_branch, kept.status.no_expiry, kept.create_time.ToJsonString()) == (PRODUCTION, True, "2026-01-01T00:00:00Z")
    short = create("short", ttl=hours(2))
    assert short.status.expire_time.ToJsonString() == "2026-01-01T02:00:00Z"
    with pytest.raises(AlreadyExists):
        create("kept")
    for bad in ({"ttl": hours(1), "no_expiry": True}, {"source_branch": "projects/shop"}):
        with pytest.raises(InvalidParameterValue):
            create("bad", **bad)
    postgres.delete_role(PRODUCTION + "/roles/app").wait()
    restored = postgres.create_branch(
        "projects/shop", pg.Branch(spec=pg.BranchSpec(no_expiry=True, source_snapshot=kept.name)), "restored").wait()
    assert (restored.status.source_snapshot, restored.status.source_branch) == (kept.name, None)
    assert [r.role_id for r in postgres.list_roles(restored.name)][1:] == ["app"]
    server.control("POST", "clock", {"advance": "2h"})
    assert [s.snapshot_id for s in postgres.list_snapshots("projects/shop")] == ["kept"]
    postgres.delete_snapshot(kept.name).wait()
    with pytest.raises(NotFound, match="snapshot id not found"):
        postgres.get_snapshot(kept.name)


def test_snapshots_by_schedule(server, postgres):
    name = PRODUCTION + "/snapshot-schedule"
    assert server.request("GET", API + name).json == {"name": name, "schedule": []}
    daily = pg.ScheduleCadence(retention=hours(48), daily_schedule=pg.DailySchedule(hour=3))
    # 2026-01-04 is a Sunday.
    weekly = pg.ScheduleCadence(retention=hours(24 * 30), weekly_schedule=pg.WeeklySchedule(day_of_week=pg.DayOfWeek.SUNDAY, hour=3))
    update = lambda *cadences: postgres.update_snapshot_schedule(name, pg.SnapshotSchedule(schedule=list(cadences)), mask("schedule")).wait()
    assert update(daily, weekly).schedule == [daily, weekly] == postgres.get_snapshot_schedule(name).schedule
    for bad in (
            pg.ScheduleCadence(retention=Duration(seconds=60), daily_schedule=pg.DailySchedule(hour=3)), pg.ScheduleCadence(retention=hours(2)),
            pg.ScheduleCadence(retention=hours(2), daily_schedule=pg.DailySchedule(hour=24)),
            pg.ScheduleCadence(retention=hours(2), monthly_schedule=pg.MonthlySchedule(day=32))):
        with pytest.raises(InvalidParameterValue):
            update(bad)
    taken = lambda: [s.create_time.ToJsonString() for s in postgres.list_snapshots("projects/shop")]
    server.control("POST", "clock", {"advance": "3h"})
    assert taken() == ["2026-01-01T03:00:00Z"] == taken()
    # Five days on: the daily ones of the last two days, and Sunday's.
    server.control("POST", "clock", {"advance": "121h"})
    assert taken() == ["2026-01-04T03:00:00Z", "2026-01-05T03:00:00Z", "2026-01-06T03:00:00Z"]
    update()
    server.control("POST", "clock", {"advance": "72h"})
    assert taken() == ["2026-01-04T03:00:00Z"]


def test_state_survives_snapshots_and_resets(server, client, postgres):
    assert server.control("POST", "snapshots", {"name": "clean"}).status == 200
    postgres.delete_project("projects/shop", purge=True).wait()
    assert server.control("POST", "snapshots/clean/restore").status == 200
    assert [b.name for b in postgres.list_branches("projects/shop")] == [PRODUCTION]
    assert server.control("POST", "reset").status == 200
    assert list(client.postgres.list_projects()) == []
