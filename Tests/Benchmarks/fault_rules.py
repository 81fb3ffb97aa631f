"""What a thousand fault rules cost a request that none of them takes, for mixes of rules that are hard on an index."""
import json
import pathlib
import re
import subprocess

COUNT = 1000


def mixes():
    each = range(COUNT)
    return {
        "exact operations": [{"operation": f"jobs.op_{n}"} for n in each],
        "globs behind one prefix": [{"path": f"/api/2.1/unity-catalog/*/bench-{n}"} for n in each],
        "globs with a star first": [{"method": "GET", "path": f"*/bench-{n}*"} for n in each],
        "anchored expressions": [{"path": f"re:^/api/2\\.[01]/[a-z-]+/.*bench-{n}\\d+$"} for n in each],
        "free expressions": [{"path": f"re:bench[-_]{n}(st|nd)?\\d+x"} for n in each],
        "statement texts": [{"operation": "sql.statements.execute", "body": {"statement": f"*bench_table_{n}*"}} for n in each],
        "fields of any body": [{"method": "POST", "body": {"name": f"bench-{n}"}} for n in each],
        "headers": [{"headers": {"User-Agent": f"*suite-{n}*"}} for n in each],
        "parameters": [{"path": "/api/2.1/*", "query": {"name": f"re:bench-{n}$"}} for n in each],
        "all matching, none due": [{"operation": "catalog.tables.get", "path": f"/api/2.1/unity-catalog/tables/*{n % 10}*"} for n in each],
    }


def cost_us(binary, folder):
    """By mix: microseconds for both decisions on a request, before and after its handler."""
    files = {}
    for name, matches in mixes().items():
        file = pathlib.Path(folder, re.sub(r"\W+", "-", name) + ".json")
        file.write_text(json.dumps({
            "scenario": file.stem, "faults": [{"match": match, "when": {"times": 0}, "inject": {"status": 503}} for match in matches]}))
        files[str(file)] = name
    out = subprocess.run([binary, "scenario", "bench", *files], capture_output=True, text=True, check=True).stdout
    return {files[file]: float(cost) for file, cost in re.findall(r"^(\S+): \d+ rules, ([\d.]+) us", out, re.M)}
