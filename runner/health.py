"""The health check of the container: `python -m runner.health 8000` exits 0 when the site answers on that port."""

import os
import sys
from urllib.parse import urlsplit

from runner.supervise import fetch

if __name__ == "__main__":
    host = urlsplit(os.environ["SITE_URL"]).netloc  # the site answers to no other name
    sys.exit(fetch(int(sys.argv[1]), "/healthz", host=host).status != 200)
