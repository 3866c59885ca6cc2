"""The application for gunicorn, waitress and the flask command."""

import os

from clinic_scheduler import create_app
from clinic_scheduler.cli.start_check import require_fit_to_serve, serves_pages
from config import Config

app = create_app(Config.from_env(os.environ))
if serves_pages():
    require_fit_to_serve(app)
