"""A standalone cluster on loopback, one of its workers killed mid-job; for ``test_spark.py``.

Argument: a folder with ``rows.parquet`` and ``expected.parquet``, the tallies of the same rows.
"""

import contextlib
import os
import pathlib
import signal
import subprocess
import sys
import threading
import time

import disprop as dp
import pyspark
from engine_zoo import BY, MEASURES
from pyspark.sql import SparkSession
from pyspark.sql.functions import udf
from pyspark.sql.types import StringType

FOLDER = pathlib.Path(sys.argv[1])
os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
HOME = pathlib.Path(pyspark.__file__).parent
PORT = 17077


def daemon(kind, *words):
    env = {**os.environ, "SPARK_HOME": str(HOME)}
    env["SPARK_WORKER_DIR"] = str(FOLDER / "work")
    return subprocess.Popen(  # noqa: S603
        [str(HOME / "bin" / "spark-class"), f"org.apache.spark.deploy.{kind}", *words],
        env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip


def session(python):
    return (
        SparkSession.builder.master(f"spark://127.0.0.1:{PORT}")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.executor.memory", "512m")
        .config("spark.executor.cores", "1")
        .config("spark.sql.shuffle.partitions", "3")
        .config("spark.executorEnv.PYTHONPATH", python)
        .getOrCreate()
    )


def main():
    os.environ["PYSPARK_PYTHON"] = os.environ["PYSPARK_DRIVER_PYTHON"] = sys.executable
    started = [
        daemon("master.Master", "--host", "127.0.0.1", "--port", str(PORT), "--webui-port", "0")
    ]
    try:
        time.sleep(4)
        words = ["-c", "1", "-m", "700m", "--host", "127.0.0.1", "--webui-port", "0"]
        workers = [daemon("worker.Worker", *words, f"spark://127.0.0.1:{PORT}") for _ in range(2)]
        started += workers
        time.sleep(5)
        spark = session(os.environ["PYTHONPATH"])
        spark.sparkContext.setLogLevel("OFF")
        expected = dp.Tallies.load(FOLDER / "expected.parquet")
        df = spark.read.parquet(str(FOLDER / "rows.parquet")).repartition(8)
        for engine in ("sql", "arrow"):
            calm = dp.spark.tally(df, MEASURES, BY, engine=engine)
            print(f"CALM {engine}", "same bits" if calm == expected else "OTHER BITS", flush=True)

        def slow(value):
            time.sleep(0.02)
            return value

        slowed = df.withColumn("ethnicity", udf(slow, StringType())("ethnicity"))

        def kill():
            os.killpg(workers[0].pid, signal.SIGKILL)
            print("KILLED worker", flush=True)

        timer = threading.Timer(5.0, kill)
        timer.start()
        # The worker dies under the first; the second has one worker left.
        for engine in ("sql", "arrow"):
            try:
                after = dp.spark.tally(slowed, MEASURES, BY, engine=engine)
                same = "same bits" if after == expected else "OTHER BITS"
                print(f"AFTER {engine}", same, flush=True)
            except dp.DispropError as error:
                print(f"AFTER {engine}", error.code, flush=True)
        timer.join()
        spark.stop()
    finally:
        for process in started:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


main()
