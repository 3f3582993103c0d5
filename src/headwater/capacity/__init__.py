"""What averted contacts free downstream, and what a plan can expect before launch."""

from headwater.capacity.free import free

__all__ = ["free"]
