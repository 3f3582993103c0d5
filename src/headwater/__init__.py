"""Headwater: who should we collaborate with, and what did it save downstream, and for whom?"""

__version__ = "0.1.0"
