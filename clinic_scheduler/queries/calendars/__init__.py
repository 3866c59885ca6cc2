"""What calendar feeds show, who may see it, and whether it has changed."""
