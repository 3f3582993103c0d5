"""Which organisations upstream could gain us what we need, if they averted the need for our services?"""

from headwater.partners.upstream.areas import pairs
from headwater.partners.upstream.options import options

__all__ = ["options", "pairs"]
