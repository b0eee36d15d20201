"""Notes in bulk: files or Arrow batches in, a row of answers for each note out, whatever happens in between.

items, tables, fields    what is to be annotated, from rows of files
listing, sources         an input of any size, read in order, any range of it
parquet                  the same for Parquet files
answers, rows            items to Docs, or to the reason why there is none; Docs to plain values
schema, batches          the table of answers; one function, Arrow batch to Arrow batch: what Spark and Ray call
pipelines, workers       a pipeline once a process; batches spread over processes
engines                  the same where the processes are Spark's or Ray's
results, shards, brat    answers on disk
locks, manifests, runs   who writes, what is done, and going on with it
jobs                     files to files: all of that together
display                  a note for a terminal
"""
