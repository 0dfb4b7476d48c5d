"""Verifies an archive of mandates on Apache Spark: each partition by one process of `ap2-pq verify --lines`.

    spark-submit verify.py text    archive.txt     verdicts -- ap2-pq verify --lines --exit-zero --keys keys.json --at-member usedAt --concurrency 1
    spark-submit verify.py parquet archive.parquet verdicts -- ap2-pq verify --lines --exit-zero --keys keys.json --at-member usedAt --concurrency 1

A line of the text is a JSON object with "id", "mandate" and "usedAt", the time at which the mandate was used, as text such as
2026-11-26T12:00:00Z. A row of the Parquet has these columns. The verdicts are JSON lines, each with the id of its mandate: the number in "line" counts within a partition.
"""

import json
import shlex
import subprocess
import sys
import threading

from pyspark.sql import SparkSession

PARTITIONS = 16
COLUMNS = ("id", "mandate", "usedAt")


def verify_text(spark, archive, command):
    lines = spark.sparkContext.textFile(archive, PARTITIONS)
    # With --exit-zero any other exit code means that the process did not finish. Without checkCode, the verdicts that it had not written
    # would be lost.
    return lines.pipe(shlex.join(command), checkCode=True)


def verify_parquet(spark, archive, command):
    rows = spark.read.parquet(archive).select(*COLUMNS).rdd
    return rows.mapPartitions(lambda partition: verify_rows(partition, command))


def verify_rows(rows, command):
    """The verdicts of a partition, as they come. Reading and writing go on at once: neither waits for the other to end."""
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8")
    sent = []
    failures = []

    def send():
        try:
            with child.stdin as stdin:
                for row in rows:
                    stdin.write(json.dumps(row.asDict()) + "\n")
                    sent.append(row.id)
        except Exception as error:
            failures.append(error)

    sender = threading.Thread(target=send, daemon=True)
    sender.start()
    received = 0
    for line in child.stdout:
        received += 1
        yield line.rstrip("\n")
    sender.join()
    code = child.wait()
    # A task that fails is run again, and its verdicts are thrown away.
    if code != 0 or failures or received != len(sent):
        raise RuntimeError(f"exit code {code}, {received} verdicts of {len(sent)}, {failures}")


def main():
    form, archive, output, _, *command = sys.argv[1:]
    spark = SparkSession.builder.appName("ap2-pq").getOrCreate()
    verify = {"text": verify_text, "parquet": verify_parquet}[form]
    # The verdicts of a partition are put in place when its task has ended well, once.
    verify(spark, archive, command).saveAsTextFile(output)
    spark.stop()


if __name__ == "__main__":
    main()
