"""The demo's clinic: its patients, its weeks of work, and what waits when it opens."""
