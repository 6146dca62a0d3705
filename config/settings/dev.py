from config.settings.base import *  # noqa: F403

DEBUG = True
SECRET_KEY = "dev-only"  # noqa: S105
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
