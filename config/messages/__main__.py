import os
from pathlib import Path

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
    django.setup()
    from config.messages.catalogs import bring_up_to_date

    print(bring_up_to_date(Path(__file__).parent.parent.parent))
