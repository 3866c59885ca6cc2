"""Calendar links and feeds over HTTP, and the pages patients add one from."""
