"""Times inside of the engine, without a server around it: planning TPC-DS queries, and `SELECT 1`."""
import json
import pathlib
import statistics
import subprocess


def measure(binary, *arguments):
    out = subprocess.run([binary, "engine", *map(str, arguments)], capture_output=True, text=True, check=True).stdout
    return [json.loads(line) for line in out.splitlines()]


def figures(binary, folder, suites=pathlib.Path(__file__).resolve().parents[2].parent / "shared" / "conformance"):
    """Milliseconds from a TPC-DS query's text to its operators, where the queries lie beside the project; microseconds of `SELECT 1`."""
    one = pathlib.Path(folder, "one.sql")
    one.write_text("SELECT 1;")
    found = {"select_1_engine_us": measure(binary, "--rounds", 2000, one)[0]["run_us"]}
    schemas = sorted(suites.glob("data/tpcds/*.sql"))
    queries = [statement["sql"].strip().rstrip(";")
               for path in sorted(suites.glob("tpcds/*.jsonl")) for line in path.read_text().splitlines()
               for statement in json.loads(line)["statements"]]
    if not schemas or not queries:
        return found
    setup, texts = pathlib.Path(folder, "tpcds-setup.sql"), pathlib.Path(folder, "tpcds.sql")
    setup.write_text(";\n".join(path.read_text().strip().rstrip(";") for path in schemas) + ";\n")
    texts.write_text(";\n".join(queries) + ";\n")
    times = [line["planned_us"] / 1000 for line in measure(binary, "--plan-only", "--rounds", 30, "--setup", setup, texts)]
    found["tpcds_plan_median_ms"] = round(statistics.median(times), 2)
    found["tpcds_plan_worst_ms"] = round(max(times), 2)
    return found
