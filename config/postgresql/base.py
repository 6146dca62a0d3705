"""The backend: Django finds it by the name of this module."""

import threading
import time
from typing import Any

import psycopg
from django.db.backends.postgresql import base

from config.postgresql.credentials import Credentials, Login, Unreadable
from deployments import clock, logs

log = logs.get(__name__)

#: Who is refused by a wrong password asks for the secret, but no more often than this.
PAUSE_SECONDS = 1.0
_lock = threading.Lock()
_read_at: dict[str, float] = {}


class DatabaseWrapper(base.DatabaseWrapper):
    def get_connection_params(self) -> dict[str, Any]:
        credentials: Credentials | None = self.settings_dict.get("CREDENTIALS")
        if credentials and not self.settings_dict["PASSWORD"]:
            self._take(_read(credentials))
        return super().get_connection_params()

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """With the password as it is now. Raises psycopg.OperationalError."""
        try:
            return super().get_new_connection(conn_params)
        except psycopg.OperationalError as error:
            changed = self._changed_login(error)
            if changed is None:
                raise
        log.warning("the database's password was changed, and has been read again")
        self._take(changed)
        return super().get_new_connection(conn_params | {"user": changed.user, "password": changed.password})

    def connect(self) -> None:
        super().connect()
        if not clock.is_fresh():
            self._take_time()

    def is_usable(self) -> bool:
        """Asked before a page or a task; now and then with the question what time it is."""
        if clock.is_fresh():
            return bool(super().is_usable())
        try:
            self._take_time()
        except psycopg.Error:
            return False
        return True

    def _take_time(self) -> None:
        asked = time.monotonic()
        (at,) = self.connection.execute("SELECT clock_timestamp()").fetchone()
        clock.set_by(at, time.monotonic() - asked)

    def _changed_login(self, refusal: psycopg.OperationalError) -> Login | None:
        credentials: Credentials | None = self.settings_dict.get("CREDENTIALS")
        if credentials is None or "FATAL:" not in str(refusal):
            return None
        known = Login(self.settings_dict["USER"], self.settings_dict["PASSWORD"])
        found = _read(credentials) if _may_ask(credentials) else known
        return found if found != known else None

    def _take(self, login: Login) -> None:
        # Of this connection and of all that are made from now on: they share these settings.
        logs.learn(login.password)
        self.settings_dict["USER"], self.settings_dict["PASSWORD"] = login.user, login.password


def _read(credentials: Credentials) -> Login:
    try:
        return credentials.read()
    except Unreadable as error:
        raise psycopg.OperationalError(f"The database's user and password are not known. {error}") from error


def _may_ask(credentials: Credentials) -> bool:
    with _lock:
        now = time.monotonic()
        if now - _read_at.get(credentials.place, -PAUSE_SECONDS) < PAUSE_SECONDS:
            return False
        _read_at[credentials.place] = now
        return True
