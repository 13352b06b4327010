"""Piccolo's entry: the engine, and the apps in the order of their dependencies."""

from piccolo.conf.apps import AppRegistry

from kit.db import engine

DB = engine()

APP_REGISTRY = AppRegistry(
    apps=[
        "kit.piccolo_app",
        "staff.piccolo_app",
        "constituents.piccolo_app",
        "donations.piccolo_app",
        "volunteers.piccolo_app",
        "receipts.piccolo_app",
        "imports.piccolo_app",
    ]
)
