"""Invented clinics, made by the services as a clinic would make them: the demo, and one of very many patients."""
