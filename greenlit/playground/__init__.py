"""Snippets that run in the reader's browser: what it takes, and which of them do there what is recorded."""
