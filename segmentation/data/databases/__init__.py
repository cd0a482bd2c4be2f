"""Tables and queries of databases, read only: copied here, or left in their place."""

from segmentation.data.databases.address import (
    DATABASES,
    Address,
    database_name,
    has_secret,
    hide,
    hide_urls,
    is_database,
    is_remote,
    move_url,
    read_address,
    resolve_env,
    secret_forms,
    shown_url,
)
from segmentation.data.databases.opening import DatabaseTable, Request, read_database

__all__ = [
    "DATABASES",
    "Address",
    "DatabaseTable",
    "Request",
    "database_name",
    "has_secret",
    "hide",
    "hide_urls",
    "is_database",
    "is_remote",
    "move_url",
    "read_address",
    "read_database",
    "resolve_env",
    "secret_forms",
    "shown_url",
]
