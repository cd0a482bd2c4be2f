"""Parquet files, single or in folders, as numbered rows that can also be read by row groups."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
