"""Types of values: for each its operators, the constants they take and their SQL."""
