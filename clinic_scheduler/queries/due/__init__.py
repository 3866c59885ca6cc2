"""The due list: its tabs, counts and rows."""
