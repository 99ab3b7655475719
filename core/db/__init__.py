"""The database: one engine for SQLite and PostgreSQL, its metadata and its migrations."""
