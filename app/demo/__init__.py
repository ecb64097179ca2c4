"""Demo mode: fictitious sample patients, a read-only FHIR server over them, and the try-it page."""

from app.demo.mount import mount_demo

__all__ = ["mount_demo"]
