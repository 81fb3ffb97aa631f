"""TPC-H on local Spark with two threads, run by the Python that has pyspark: spark_tpch.py FOLDER RUNS < queries.json

FOLDER holds a folder of Parquet files for each table; the queries are a JSON object of texts by number.  Prints the best time of each in seconds.
"""
import json
import pathlib
import sys
import time

from pyspark.sql import SparkSession


def main():
    folder, runs = pathlib.Path(sys.argv[1]), int(sys.argv[2])
    queries = json.load(sys.stdin)
    spark = (SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").config("spark.driver.memory", "6g")
             .config("spark.sql.shuffle.partitions", "4").config("spark.log.level", "ERROR").getOrCreate())
    for table in sorted(folder.iterdir()):
        spark.read.parquet(str(table)).createOrReplaceTempView(table.name)
    times = {}
    for number, query in queries.items():
        found = []
        for _ in range(runs + 1):
            begun = time.perf_counter()
            spark.sql(query).collect()
            found.append(time.perf_counter() - begun)
        times[number] = min(found[1:])
    print(json.dumps(times))


if __name__ == "__main__":
    main()
