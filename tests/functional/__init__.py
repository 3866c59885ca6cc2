"""The application from outside: web, commands and jobs."""
