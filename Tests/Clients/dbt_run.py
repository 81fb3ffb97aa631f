"""Runs dbt over the project beside this file, in one process: `dbt_run.py WORK_DIR`, with the environment that profiles.yml names.

Prints a JSON object: for each step, whether it went well and the state of each of its nodes. It runs in an environment of its own, since
dbt-databricks wants an older connector than the other tests use.
"""

import json
import os
import sys

from dbt.cli.main import dbtRunner

STEPS = {
    "seed": ["seed"],
    "run": ["run"],
    "run again": ["run"],
    "snapshot": ["snapshot"],
    "test": ["test"],
    "changed seed": ["seed"],
    "second snapshot": ["snapshot"],
    "docs": ["docs", "generate"],
}


def main(work):
    os.chdir(work)
    runner = dbtRunner()
    outcomes = {}
    for name, arguments in STEPS.items():
        if name == "changed seed":
            seed = os.path.join(work, "seeds", "orders.csv")
            text = open(seed).read()
            open(seed, "w").write(text.replace("Grace,7.25", "Grace,8.00"))
        outcome = runner.invoke([*arguments, "--profiles-dir", work, "--quiet"])
        results = getattr(outcome.result, "results", None) or []
        outcomes[name] = {
            "success": outcome.success,
            "nodes": {result.node.name: f"{result.status}" for result in results},
            "messages": [result.message for result in results if result.message and not outcome.success] + (
                [str(outcome.exception)] if outcome.exception else []),
        }
        if name == "docs":
            catalog = json.load(open(os.path.join(work, "target", "catalog.json")))
            outcomes[name]["catalog"] = {
                node["metadata"]["name"]: [node["metadata"]["type"], [[c["name"], c["type"], c["comment"]] for c in node["columns"].values()]]
                for node in catalog["nodes"].values()}
    with open(os.path.join(work, "outcomes.json"), "w") as file:
        json.dump(outcomes, file)


# dbt may start processes that read this file again.
if __name__ == "__main__":
    main(sys.argv[1])
