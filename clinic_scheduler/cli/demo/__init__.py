"""flask demo: an invented clinic, made by the services as a clinic would make it, and both servers run together."""

from clinic_scheduler.cli.demo.command import demo

__all__ = ["demo"]
