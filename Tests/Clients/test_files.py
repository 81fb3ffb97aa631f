"""Files on volumes and DBFS, by the SDK and by hand."""

import hashlib
import io

import pytest
import requests
from databricks.sdk.errors import AlreadyExists, BadRequest, InvalidParameterValue, NotFound, PermissionDenied, ResourceAlreadyExists
from databricks.sdk.service.catalog import VolumeType

ROOT = "/Volumes/main/default/v"


@pytest.fixture
def volume(client):
    return client.volumes.create("main", "default", "v", VolumeType.MANAGED)


def put(client, path, content, **options):
    client.files.upload(f"{ROOT}/{path}", io.BytesIO(content), **options)


def digest(content):
    """Large contents are compared by this: a difference of megabytes takes long to print."""
    return len(content), hashlib.sha256(content).hexdigest()


def names(client, path=""):
    return [(entry.name, entry.is_directory) for entry in client.files.list_directory_contents(ROOT + path)]


def test_a_file_comes_back(client, volume):
    put(client, "a/b/data.bin", bytes(range(256)))
    answer = client.files.download(f"{ROOT}/a/b/data.bin")
    assert answer.contents.read() == bytes(range(256))
    assert answer.content_length == 256
    metadata = client.files.get_metadata(f"{ROOT}/a/b/data.bin")
    assert (metadata.content_length, metadata.content_type) == (256, "application/octet-stream")
    assert metadata.last_modified.endswith(" GMT")
    assert names(client) == [("a", True)]
    assert names(client, "/a") == [("b", True)]
    entry = next(iter(client.files.list_directory_contents(f"{ROOT}/a/b")))
    assert (entry.path, entry.file_size) == (f"{ROOT}/a/b/data.bin", 256)
    assert entry.last_modified > 1_600_000_000_000
    with pytest.raises(AlreadyExists, match="already exists"):
        put(client, "a/b/data.bin", b"x", overwrite=False)
    put(client, "a/b/data.bin", b"new", overwrite=True)
    assert client.files.download(f"{ROOT}/a/b/data.bin").contents.read() == b"new"
    client.files.delete(f"{ROOT}/a/b/data.bin")
    with pytest.raises(NotFound):
        client.files.get_metadata(f"{ROOT}/a/b/data.bin")
    with pytest.raises(NotFound, match="The file being accessed is not found"):
        client.files.delete(f"{ROOT}/a/b/data.bin")


def test_ranges_and_conditions(server, client, volume):
    put(client, "r", b"0123456789")
    path = f"/api/2.0/fs/files{ROOT}/r"
    answer = server.request("GET", path, headers={"Range": "bytes=2-4"})
    assert (answer.status, answer.body, answer.headers["content-range"]) == (206, b"234", "bytes 2-4/10")
    assert server.request("GET", path, headers={"Range": "bytes=-3"}).body == b"789"
    assert server.request("GET", path, headers={"Range": "bytes=10-"}).status == 416
    head = server.request("HEAD", path)
    assert (head.status, head.headers["content-length"], head.body) == (200, "10", b"")
    modified = head.headers["last-modified"]
    assert server.request("GET", path, headers={"If-Unmodified-Since": modified}).status == 200
    old = "Thu, 01 Jan 2015 00:00:00 GMT"
    assert server.request("GET", path, headers={"If-Unmodified-Since": old}).status == 412


def test_directories(client, volume):
    client.files.create_directory(f"{ROOT}/x/y")
    client.files.create_directory(f"{ROOT}/x/y")
    client.files.get_directory_metadata(f"{ROOT}/x")
    client.files.get_directory_metadata(ROOT)
    assert names(client, "/x/y") == []
    put(client, "x/f", b"1")
    with pytest.raises(AlreadyExists, match="existing file"):
        client.files.create_directory(f"{ROOT}/x/f")
    with pytest.raises(NotFound):
        client.files.get_directory_metadata(f"{ROOT}/x/f")
    with pytest.raises(BadRequest, match="not empty") as failure:
        client.files.delete_directory(f"{ROOT}/x")
    assert failure.value.get_error_info()[0].reason == "FILES_API_DIRECTORY_IS_NOT_EMPTY"
    client.files.delete(f"{ROOT}/x/f")
    client.files.delete_directory(f"{ROOT}/x/y")
    assert names(client, "/x") == []
    client.files.delete_directory(f"{ROOT}/x")
    with pytest.raises(NotFound, match="The directory being accessed is not found"):
        names(client, "/x")


def test_lists_have_pages(server, client, volume):
    for number in range(5):
        put(client, f"p/f{number}", b"x" * number)
        put(client, f"p/d{number}/inner/deep", b"x")
    seen, token, pages = [], "", 0
    while True:
        page = server.request("GET", f"/api/2.0/fs/directories{ROOT}/p?page_size=3&page_token={token}").json
        seen += [(entry["name"], entry.get("file_size")) for entry in page["contents"]]
        pages += 1
        token = page.get("next_page_token")
        if not token:
            break
    assert pages == 4
    assert seen == [(f"d{n}", None) for n in range(5)] + [(f"f{n}", n) for n in range(5)]


def test_what_is_missing_is_named(client):
    with pytest.raises(NotFound, match="'main.default.nope' does not exist") as failure:
        client.files.download("/Volumes/main/default/nope/x")
    assert failure.value.get_error_info()[0].reason == "FILES_API_RESOURCE_NOT_FOUND"
    with pytest.raises(NotFound):
        put(client, "x", b"")


@pytest.mark.parametrize("path", [
    "/Volumes/main/default/v/../w/x", "/Volumes/main/default/v/%2e%2e/x", "/Volumes/main/default/v/./x", "/etc/passwd",
    "/Volumes/main/default", "/Volumes", "/Volumes/main/default/v/" + "n" * 300, "/Volumes/main/default/v/.directory-marker"])
def test_paths_that_lead_elsewhere_are_refused(server, client, volume, path):
    for method, prefix in (("GET", "files"), ("PUT", "files"), ("DELETE", "files"), ("PUT", "directories"), ("GET", "directories")):
        answer = server.request(method, f"/api/2.0/fs/{prefix}{path}", body=b"x" if method == "PUT" else None)
        assert answer.status in (400, 404), (method, prefix, answer.status)
    assert names(client) == []


def test_volumes_keep_their_files_apart(client, volume):
    client.volumes.create("main", "default", "ext", VolumeType.EXTERNAL, storage_location="s3://lake/landing")
    put(client, "same", b"managed")
    client.files.upload("/Volumes/main/default/ext/same", io.BytesIO(b"external"))
    assert client.files.download(f"{ROOT}/same").contents.read() == b"managed"
    assert client.files.download("/Volumes/main/default/ext/same").contents.read() == b"external"
    client.volumes.update("main.default.v", new_name="w")
    assert client.files.download("/Volumes/main/default/w/same").contents.read() == b"managed"
    assert [e.name for e in client.dbutils.fs.ls("/Volumes/main/default/ext")] == ["same"]


def test_large_files_stream_and_upload_in_parts(server, client, volume, tmp_path):
    content = bytes(range(256)) * (34 << 12)  # 34 MiB: more than the listener holds
    answer = requests.put(
        f"{server.host}/api/2.0/fs/files{ROOT}/big", data=content, headers={"Authorization": "Bearer dapi-dbxsim"})
    assert answer.status_code == 204
    assert client.files.get_metadata(f"{ROOT}/big").content_length == len(content)
    got = requests.get(f"{server.host}/api/2.0/fs/files{ROOT}/big", headers={"Authorization": "Bearer dapi-dbxsim"})
    assert digest(got.content) == digest(content)
    client.files._config.files_ext_multipart_upload_min_stream_size = 1 << 20
    client.files.upload(f"{ROOT}/parts", io.BytesIO(content), overwrite=True, part_size=16 << 20)
    operations = {e["operation"] for e in server.control("GET", "journal?limit=100").json["exchanges"]}
    assert {"s3.upload_part", "fs.multipart_upload"} <= operations
    assert digest(client.files.download(f"{ROOT}/parts").contents.read()) == digest(content)
    with pytest.raises(AlreadyExists):
        client.files.upload(f"{ROOT}/parts", io.BytesIO(content), overwrite=False, part_size=16 << 20)
    client.files.download_to(f"{ROOT}/parts", str(tmp_path / "parts"), use_parallel=True, parallelism=3)
    assert digest((tmp_path / "parts").read_bytes()) == digest(content)


def test_the_links_of_the_jdbc_driver(server, client, volume):
    def link(kind, name):
        return server.request("POST", f"/api/2.0/fs/create-{kind}-url", {"path": f"{ROOT}/{name}"}).json["url"]

    assert requests.put(link("upload", "j.csv"), data=b"a,b").status_code == 200
    url = link("download", "j.csv")
    assert "X-Amz-Expires=1799" in url
    assert requests.get(url).content == b"a,b"
    assert requests.put(url, data=b"other").status_code == 403
    assert requests.get(url.replace("j.csv", "k.csv")).status_code == 403
    listed = server.request("GET", f"/api/2.0/fs/list?path={ROOT}/").json
    assert [(f["name"], f["file_size"], f["is_dir"]) for f in listed["files"]] == [("j.csv", 3, False)]
    assert requests.delete(link("delete", "j.csv")).status_code == 204
    assert names(client) == []


def test_dbfs(server, client):
    with client.dbfs.open("/tmp/a/b.txt", write=True, overwrite=True) as file:
        file.write(b"hello " * 300_000)
    status = client.dbfs.get_status("/tmp/a/b.txt")
    assert (status.path, status.is_dir, status.file_size) == ("/tmp/a/b.txt", False, 1_800_000)
    assert client.dbfs.download("/tmp/a/b.txt").read() == b"hello " * 300_000
    assert [(f.path, f.is_dir) for f in client.dbfs.list("/tmp")] == [("/tmp/a", True)]
    client.dbfs.mkdirs("/tmp/empty")
    assert client.dbfs.get_status("/tmp/empty").is_dir
    client.dbfs.move("/tmp/a", "/tmp/c")
    assert client.dbfs.exists("/tmp/c/b.txt") and not client.dbfs.exists("/tmp/a/b.txt")
    with pytest.raises(ResourceAlreadyExists, match="dbfs:/tmp/c/b.txt"):
        client.dbfs.put("/tmp/c/b.txt", contents="aGk=")
    client.dbfs.put("/tmp/c/b.txt", contents="aGk=", overwrite=True)
    read = server.request("GET", "/api/2.0/dbfs/read?path=/tmp/c/b.txt&offset=1&length=10").json
    assert read == {"bytes_read": 1, "data": "aQ=="}
    with pytest.raises(NotFound, match="No file or directory exists on path dbfs:/nope"):
        client.dbfs.get_status("/nope")
    with pytest.raises(PermissionDenied, match="No operations allowed on this path"):
        client.dbfs.get_status("/Volumes/main/default/v")
    with pytest.raises(InvalidParameterValue):
        client.dbfs.get_status("/tmp/../etc")
    with pytest.raises(NotFound):
        client.dbfs.add_block(1, "aGk=")
    refused = server.request("POST", "/api/2.0/dbfs/delete", {"path": "/tmp"})
    assert refused.json["error_code"] == "IO_ERROR"
    client.dbfs.delete("/tmp", recursive=True)
    assert list(client.dbfs.list("/")) == []


def test_snapshots_hold_files(server, client, volume):
    put(client, "kept", b"1")
    assert server.control("POST", "snapshots", {"name": "files"}).status == 200
    client.files.delete(f"{ROOT}/kept")
    put(client, "other", b"2")
    assert server.control("POST", "snapshots/files/restore").status == 200
    assert names(client) == [("kept", False)]


def test_privileges_on_volumes(server, client, volume):
    from conftest import workspace_client
    from databricks.sdk.service.catalog import PermissionsChange, Privilege, VolumeOperation

    put(client, "f", b"1")
    service = client.service_principals.create(display_name="reader")
    token = client.token_management.create_obo_token(application_id=service.application_id, lifetime_seconds=600).token_value
    other = workspace_client(server, token=token)

    def grant(kind, name, *privileges):
        client.grants.update(kind, name, changes=[PermissionsChange(principal=service.application_id, add=list(privileges))])

    grant("catalog", "main", Privilege.USE_CATALOG)
    grant("schema", "main.default", Privilege.USE_SCHEMA)
    with pytest.raises(PermissionDenied, match="READ VOLUME"):
        list(other.files.list_directory_contents(ROOT))
    grant("volume", "main.default.v", Privilege.READ_VOLUME)
    assert other.files.download(f"{ROOT}/f").contents.read() == b"1"
    with pytest.raises(PermissionDenied, match="WRITE VOLUME"):
        other.files.upload(f"{ROOT}/g", io.BytesIO(b"2"))
    with pytest.raises(PermissionDenied, match="EXTERNAL USE SCHEMA"):
        other.temporary_volume_credentials.generate_temporary_volume_credentials(
            volume_id=volume.volume_id, operation=VolumeOperation.READ_VOLUME)
