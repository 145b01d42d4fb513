"""PostgreSQL: the pool and its transaction, named SQL, migrations, partitions, and the embedded server."""
