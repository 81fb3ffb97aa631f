"""DESCRIBE HISTORY: what each operation says of the rows and files that it touched, against the log itself."""

import json

from disk import data, path, run, server, sql  # noqa: F401 (fixtures)


def history(run, table):
    """Operation, parameters and metrics by version."""
    answer = run(f"DESCRIBE HISTORY {table}")
    names = [column["name"] for column in answer["manifest"]["schema"]["columns"]]
    rows = [dict(zip(names, row)) for row in answer["result"]["data_array"]]
    return {
        int(r["version"]): (r["operation"], json.loads(r["operationParameters"]), {k: int(v) for k, v in json.loads(r["operationMetrics"]).items()})
        for r in rows}


def sizes(folder, version, kind):
    lines = (folder / "_delta_log" / f"{version:020d}.json").read_text().splitlines()
    return [action[kind]["size"] for action in map(json.loads, lines) if kind in action]


def holds(metrics, **wanted):
    assert {name: metrics.get(name) for name in wanted} == wanted


def test_each_operation_counts_rows_and_files(sql, run, path):
    sql("CREATE TABLE m AS SELECT id, id % 2 AS p FROM range(10)")
    sql("INSERT INTO m SELECT id, 0 FROM range(10, 15)")
    sql("UPDATE m SET p = 7 WHERE id < 3")
    sql("DELETE FROM m WHERE id >= 13")
    sql("OPTIMIZE m")
    sql("INSERT OVERWRITE m SELECT id, 1 FROM range(4)")
    sql("RESTORE TABLE m TO VERSION AS OF 1")
    sql("TRUNCATE TABLE m")
    found, folder = history(run, "m"), path("m")
    added = {version: sizes(folder, version, "add") for version in found}
    removed = {version: sizes(folder, version, "remove") for version in found}
    assert [found[version][0] for version in sorted(found)] == [
        "CREATE TABLE AS SELECT", "WRITE", "UPDATE", "DELETE", "OPTIMIZE", "WRITE", "RESTORE", "TRUNCATE"]
    for version, rows in [(0, 10), (1, 5), (5, 4)]:
        holds(found[version][2], numOutputRows=rows, numFiles=1, numOutputBytes=sum(added[version]))
    assert [found[version][1]["mode"] for version in (1, 5)] == ["Append", "Overwrite"]
    holds(found[5][2], numRemovedFiles=1, numRemovedBytes=sum(removed[5]))
    bytes_of = {version: {"numAddedBytes": sum(added[version]), "numRemovedBytes": sum(removed[version])} for version in (2, 3, 4)}
    holds(found[2][2], numUpdatedRows=3, numCopiedRows=7, numAddedFiles=1, numRemovedFiles=1, **bytes_of[2])
    holds(found[3][2], numDeletedRows=2, numCopiedRows=3, numAddedFiles=1, numRemovedFiles=1, **bytes_of[3])
    holds(found[4][2], numAddedFiles=1, numRemovedFiles=2, minFileSize=added[4][0], maxFileSize=added[4][0], **bytes_of[4])
    holds(
        found[6][2], numRestoredFiles=2, numRemovedFiles=1, numOfFilesAfterRestore=2, restoredFilesSize=sum(added[0] + added[1]),
        removedFilesSize=sum(added[5]), tableSizeAfterRestore=sum(added[0] + added[1]))
    assert (found[6][1]["version"], len(removed[7])) == ("1", 2)


def test_clones_count_what_they_copy(sql, run, path):
    sql("CREATE TABLE source AS SELECT id FROM range(100)")
    sql("INSERT INTO source SELECT id FROM range(50)")
    size = sum(sizes(path("source"), 0, "add") + sizes(path("source"), 1, "add"))
    sql("CREATE TABLE deep DEEP CLONE source")
    sql("CREATE TABLE shallow SHALLOW CLONE source VERSION AS OF 0")
    operation, parameters, metrics = history(run, "deep")[0]
    assert operation == "CLONE" and parameters["isShallow"] == "false" and parameters["sourceVersion"] == "1"
    holds(metrics, sourceTableSize=size, sourceNumOfFiles=2, numCopiedFiles=2, copiedFilesSize=size)
    operation, parameters, metrics = history(run, "shallow")[0]
    assert operation == "CLONE" and parameters["isShallow"] == "true" and parameters["sourceVersion"] == "0"
    holds(metrics, sourceTableSize=sum(sizes(path("source"), 0, "add")), sourceNumOfFiles=1, numCopiedFiles=0, copiedFilesSize=0)
