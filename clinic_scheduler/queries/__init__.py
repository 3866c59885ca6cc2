"""Reads: free functions that take a session and are named for their result."""
