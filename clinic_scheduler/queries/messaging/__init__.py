"""Messages, reminders, consents and the clinic's own rules and wording for them."""
