"""How often one address may try: the limiter that sign-in, calendar links and callbacks use."""

from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

# Each web process counts for itself; the lock-out in the database is the one that holds across all of them.
limiter = Limiter(get_remote_address, storage_uri="memory://", headers_enabled=False)
SIGN_IN = "20 per minute; 200 per hour"
CALENDAR = "120 per minute"
# A provider reports every text twice or thrice, in bursts.
HOOKS = "1200 per minute"
