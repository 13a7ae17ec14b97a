"""Other ways to the same tallies: batches, files that are kept, DuckDB, Spark.

Each is imported when it is used, and brings in its own library then, not before.
"""
