"""What the worker does, one thin file a job; schedule.py is the table of them, runner.py runs them."""
