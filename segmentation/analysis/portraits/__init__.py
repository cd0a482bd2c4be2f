"""Who is in each segment: profiles, rules, names and one next step."""

from segmentation.analysis.portraits.portraits import Portraits, portray
from segmentation.analysis.portraits.profiles import Profiles, profile_rows
from segmentation.analysis.portraits.rfm import Rfm, view_by_rfm

__all__ = ["Portraits", "Profiles", "Rfm", "portray", "profile_rows", "view_by_rfm"]
