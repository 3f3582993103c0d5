"""The only door to an engine: tables, named stages, panels."""

from headwater.store.stages import Stage, plan
from headwater.store.store import Part, Store, arrow_schema, key_of, open_store

__all__ = ["Part", "Stage", "Store", "arrow_schema", "key_of", "open_store", "plan"]
