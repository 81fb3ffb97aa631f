"""Speed of jobs: runs begun a second, lists of many runs, a long chain of tasks on a clock that stands still."""

import statistics
import time


def task(key, *after):
    return {"task_key": key, "notebook_task": {"notebook_path": "/n"}, "depends_on": [{"task_key": k} for k in after]}


def runs(server, count=10_000):
    """`server` is a bench.Server with --clock virtual."""
    connection = server.connection()
    call = lambda method, path, body=None: server.call(connection, method, "/api/2.2/jobs/" + path, body)
    job = call("POST", "create", {"name": "j", "tasks": [task("a")], "max_concurrent_runs": 1000})["job_id"]
    begun = time.perf_counter()
    for _ in range(count):
        call("POST", "run-now", {"job_id": job})
    rate = count / (time.perf_counter() - begun)
    lists = {}
    for name, query in {"all": "limit=25", "of a job": f"limit=25&job_id={job}", "active": "limit=25&active_only=true",
                        "completed": "limit=25&completed_only=true", "submitted": "limit=25&run_type=SUBMIT_RUN"}.items():
        times = []
        for _ in range(100):
            start = time.perf_counter()
            call("GET", "runs/list?" + query)
            times.append((time.perf_counter() - start) * 1000)
        lists[name] = round(statistics.median(times), 2)
    chain = [task(f"t{i}", *([f"t{i - 1}"] if i else [])) for i in range(1_000)]
    long = call("POST", "create", {"name": "long", "tasks": chain})["job_id"]
    start = time.perf_counter()
    run = call("POST", "run-now", {"job_id": long})["run_id"]
    state = call("GET", f"runs/get?run_id={run}")["state"]
    if state.get("result_state") != "SUCCESS":
        raise SystemExit(f"the chain of tasks: {state}")
    return {
        "run_now_per_s_one_connection": round(rate), "list_10000_runs_p50_ms": lists,
        "dag_1000_tasks_s": round(time.perf_counter() - start, 3),
    }
