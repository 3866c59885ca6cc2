"""Calendar links and their feeds' revision, and providers' calendars from elsewhere."""
