"""The programs' surface: the compatible API v3 and Relance's own endpoints, on plain synchronous handlers."""
