"""The rows of any engine's table: whether they are customers, their keys, their fingerprints."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
