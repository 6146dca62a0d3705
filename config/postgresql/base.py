"""The backend: Django finds it by the name of this module."""

import threading
import time
from typing import Any

import psycopg
from django.db.backends.postgresql import base

from config.postgresql import sharing
from config.postgresql.credentials import Credentials, Login, Unreadable
from deployments import clock, logs

log = logs.get(__name__)

#: Who is refused by a wrong password asks for the secret, but no more often than this.
PAUSE_SECONDS = 1.0
_lock, _reading = threading.Lock(), threading.Lock()
_read_at: dict[str, float] = {}


class DatabaseWrapper(base.DatabaseWrapper):
    _is_laid_aside = False

    def get_connection_params(self) -> dict[str, Any]:
        credentials: Credentials | None = self.settings_dict.get("CREDENTIALS")
        if credentials and not self.settings_dict["PASSWORD"]:
            self._take(_read(credentials))
        return super().get_connection_params()

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """One that lay aside, or a new one. Raises psycopg.OperationalError."""
        shared = sharing.of(self.alias, self.settings_dict)
        if shared is None:
            return self._logged_in(conn_params)
        self.isolation_level = psycopg.IsolationLevel.READ_COMMITTED
        return shared.take(lambda: self._logged_in(conn_params))

    def close_if_unusable_or_obsolete(self) -> None:
        """After a page or a task, when whatever is in order is laid aside; `close` ends it in earnest."""
        self._is_laid_aside = True
        try:
            super().close_if_unusable_or_obsolete()
        finally:
            self._is_laid_aside = False

    def _close(self) -> None:
        shared = sharing.of(self.alias, self.settings_dict)
        # Inside of a transaction Django goes on to hand it out.
        if shared and self._is_laid_aside and self.connection is not None and not self.in_atomic_block:
            shared.give(self.connection)
        else:
            super()._close()  # type: ignore[misc]  # which the stubs leave out

    def _logged_in(self, conn_params: dict[str, Any]) -> Any:
        """With the password as it is now."""
        try:
            return super().get_new_connection(conn_params)
        except psycopg.OperationalError as error:
            changed = self._changed_login(error, Login(conn_params.get("user", ""), conn_params.get("password", "")))
            if changed is None:
                raise
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

    def _changed_login(self, refusal: psycopg.OperationalError, used: Login) -> Login | None:
        """One thread reads it, and those that were refused in the same moment wait for that."""
        credentials: Credentials | None = self.settings_dict.get("CREDENTIALS")
        if credentials is None or "FATAL:" not in str(refusal):
            return None
        with _reading:
            known = Login(self.settings_dict["USER"], self.settings_dict["PASSWORD"])
            if known != used:
                return known
            found = _read(credentials) if _may_ask(credentials) else known
            if found == known:
                return None
            log.warning("the database's password was changed, and has been read again")
            self._take(found)
            return found

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
