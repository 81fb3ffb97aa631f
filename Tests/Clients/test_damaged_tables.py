"""Tables on disk of which something is damaged: statements read them or say by name why not, and the server goes on.

DAMAGED asks for more of them, DAMAGED_FIRST for others."""

import json
import os
import random
import re
import shutil

import pytest

from conftest import Server

STATEMENTS = [
    "SELECT * FROM {t} LIMIT 50", "SELECT count(*), max(id), min(name) FROM {t}", "SELECT p, sum(id) FROM {t} WHERE id > 3 AND p = 1 GROUP BY p",
    "SELECT * FROM {t} VERSION AS OF 2", "SELECT * FROM table_changes('{t}', 1)", "DESCRIBE DETAIL {t}", "DESCRIBE HISTORY {t}", "DESCRIBE EXTENDED {t}",
    "SHOW PARTITIONS {t}", "SHOW TBLPROPERTIES {t}", "INSERT INTO {t} VALUES (100, 'new', array(1), 1)", "DELETE FROM {t} WHERE id % 3 = 0",
    "UPDATE {t} SET name = 'u' WHERE id < 4", "OPTIMIZE {t}", "OPTIMIZE {t} ZORDER BY (id)", "VACUUM {t} DRY RUN", "RESTORE {t} TO VERSION AS OF 2",
    "ALTER TABLE {t} ADD COLUMN more INT", "ALTER TABLE {t} SET TBLPROPERTIES ('a' = 'b')", "CREATE OR REPLACE TABLE main.default.copy CLONE {t}",
    "MERGE INTO {t} t USING (SELECT 2 AS id UNION ALL SELECT 500) s ON t.id = s.id WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT (id) VALUES (s.id)",
    "INSERT INTO {t} REPLACE WHERE p = 1 VALUES (7, 'r', NULL, 1)", "TRUNCATE TABLE {t}", "ANALYZE TABLE {t} COMPUTE STATISTICS",
]
NUMBERS = ["-1", "0", "1e400", "9223372036854775807", "-9223372036854775808", "99999999999999999999", "4294967296", "1.5", "null", "true", '"x"', "{}", "[]"]
TEXTS = ["", "../../x", "/etc/passwd", "%", "i", "u", "p", "decimal(99,99)", "array", "long", "string", "2026-13-45", "{", "true", "name", "none", "3"]


def garble(draw, data):
    """Other numbers, texts and lines, so that most of it stays JSON."""
    text = data.decode()
    for _ in range(draw.randint(1, 3)):
        kind = draw.random()
        if kind < 0.45:
            found = list(re.finditer(r"-?\d+", text))
            pick, new = draw.choice(found), draw.choice(NUMBERS)
        elif kind < 0.8:
            found = list(re.finditer(r'(?<=")[^"]*(?=")', text))
            pick, new = draw.choice(found), draw.choice(TEXTS)
        elif kind < 0.9:
            lines = text.splitlines(keepends=True)
            draw.choice([lines.append, lines.remove])(draw.choice(lines))
            text = "".join(lines)
            continue
        else:
            at = draw.randrange(len(text))
            text = text[:at] + draw.choice(["[", "{", '"', "\\", "\0"]) * draw.choice([1, 2, 5000]) + text[at:]
            continue
        text = text[:pick.start()] + new + text[pick.end():]
        if not text.strip():
            break
    return text.encode()


def flip(draw, data):
    data = bytearray(data)
    for _ in range(draw.randint(1, 4)):
        at = draw.randrange(len(data) * 2 // 3 if draw.random() < 0.5 else 0, len(data))
        if draw.random() < 0.7:
            data[at] = draw.choice([0, 1, 0x7F, 0x80, 0xFE, 0xFF, data[at] ^ 1 << draw.randrange(8)])
        else:
            del data[at:at + draw.choice([1, 1, 16])]
        if len(data) < 4:
            break
    return bytes(data)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return tmp_path_factory.mktemp("damaged")


@pytest.fixture(scope="module")
def server(data):
    server = Server("serve", "--data-dir", data)
    yield server
    server.stop()


def test_damaged_tables(server, data, sql, warehouse_id):
    table = "main.default.t"
    sql(f"""CREATE TABLE {table} (id BIGINT, name STRING, l ARRAY<INT>, p INT) PARTITIONED BY (p) TBLPROPERTIES (
              'delta.enableDeletionVectors' = 'true', 'delta.enableChangeDataFeed' = 'true', 'delta.checkpointInterval' = '3',
              'delta.columnMapping.mode' = 'name')""")
    sql(f"INSERT INTO {table} SELECT id, concat('n', id), array(CAST(id AS INT), NULL), CAST(id % 2 AS INT) FROM range(20)")
    sql(f"DELETE FROM {table} WHERE id IN (3, 4)")
    sql(f"UPDATE {table} SET name = 'v' WHERE id = 7")
    sql(f"INSERT INTO {table} VALUES (30, NULL, NULL, 1)")
    location = server.request("GET", f"/api/2.1/unity-catalog/tables/{table}").json["storage_location"]
    place, whole = data / "storage" / location.split("://")[1], data / "whole"
    shutil.copytree(place, whole)
    files = sorted(file.relative_to(whole) for file in whole.rglob("*") if file.is_file())
    logs = [file for file in files if file.parts[0] == "_delta_log"]
    outcomes = {"SUCCEEDED": 0, "FAILED": 0}
    first = int(os.environ.get("DAMAGED_FIRST", 1))
    for seed in range(first, first + int(os.environ.get("DAMAGED", 25))):
        draw = random.Random(seed)
        shutil.rmtree(place)
        shutil.copytree(whole, place)
        victim = draw.choice(logs if draw.random() < 0.75 else files)
        content = (whole / victim).read_bytes()
        (place / victim).write_bytes((garble if victim.suffix == ".json" else flip)(draw, content))
        if draw.random() < 0.4:
            for version in range(3):
                (place / "_delta_log" / f"{version:020}.json").unlink()
        for text in draw.sample(STATEMENTS, 5):
            answer = server.request("POST", "/api/2.0/sql/statements", {
                "statement": text.format(t=table), "warehouse_id": warehouse_id, "wait_timeout": "50s"})
            assert answer.status == 200, (seed, text, answer.body)
            status = answer.json["status"]
            outcomes[status["state"]] += 1
            if status["state"] == "FAILED":
                message = status["error"]["message"]
                assert message.startswith("[") and "INTERNAL_ERROR" not in message, (seed, str(victim), text, message)
    assert min(outcomes.values()) > 10, outcomes
    print(json.dumps(outcomes))
