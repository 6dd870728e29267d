"""A model of what a page must be after random edits, written from the contract alone: never stale, never twice."""
