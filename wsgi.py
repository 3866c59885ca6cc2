"""The application for gunicorn, waitress and the flask command."""

import os

from clinic_scheduler import create_app
from config import Config

app = create_app(Config.from_env(os.environ))
