"""Customer segmentation reports: `data` reads, `analysis` finds and describes, `reporting` runs."""
