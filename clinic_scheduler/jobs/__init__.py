"""What the worker does, one thin file a job; job_table.py is the table of them, runner.py runs them."""
