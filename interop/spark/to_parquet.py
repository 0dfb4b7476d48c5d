"""Writes the JSON lines of an archive as Parquet files in a folder: to_parquet.py ARCHIVE FOLDER FILES"""

import json
import os
import sys

import pyarrow
import pyarrow.parquet

archive, folder, files = sys.argv[1], sys.argv[2], int(sys.argv[3])
os.makedirs(folder)
with open(archive, encoding="utf-8") as lines:
    rows = [json.loads(line) for line in lines]
size = -(-len(rows) // files)
for n in range(files):
    part = rows[n * size : (n + 1) * size]
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(part), os.path.join(folder, f"part-{n:05}.parquet"))
