"""Papers: maps drawn true to scale, and PDF, DOCX and tables set from data that is handed in. Reads no database."""
