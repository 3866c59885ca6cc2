"""Notifications and reminders on their way to patients and staff, and what comes back."""
