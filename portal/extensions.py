"""Flask extensions: objects only, set up in `create_app`."""

from __future__ import annotations

from flask_babel import Babel
from flask_login import LoginManager
from flask_wtf.csrf import CSRFProtect

from portal.db import db

__all__ = ["babel", "csrf", "db", "login_manager"]

babel = Babel()
csrf = CSRFProtect()
login_manager = LoginManager()
