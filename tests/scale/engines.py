"""Makes a part of every shard on an engine: dask, spark MASTER. Runs in the folder of the release; takes the binary from RELGATE."""

import glob
import os
import subprocess
import sys

engine, relgate, here = sys.argv[1], os.environ["RELGATE"], os.getcwd()
shards = sorted(glob.glob("shards/*.jsonl"))
os.makedirs("parts", exist_ok=True)


def part(numbered):
    number, shard, of = numbered
    command = [relgate, "summarize", "-q", "--part", f"{number}/{of}", shard, "-o", f"parts/{number:04}.jsonl.gz"]
    subprocess.run(command, check=True, cwd=here)
    return number


tasks = [(number, shard, len(shards)) for number, shard in enumerate(shards, 1)]
if engine == "dask":
    import dask
    import dask.bag

    with dask.config.set(scheduler="threads", num_workers=2):
        made = dask.bag.from_sequence(tasks, npartitions=min(len(tasks), 8)).map(part).compute()
else:
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master(sys.argv[2]).appName("relgate").config("spark.ui.enabled", "false")
    local = builder.config("spark.driver.bindAddress", "127.0.0.1").config("spark.driver.host", "127.0.0.1")
    session = local.config("spark.executor.memory", "512m").getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    made = session.sparkContext.parallelize(tasks, min(len(tasks), 8)).map(part).collect()
    session.stop()
assert sorted(made) == list(range(1, len(shards) + 1)), made
