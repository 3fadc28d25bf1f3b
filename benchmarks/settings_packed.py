"""The site with its static files as production has them: collected, named by their content, packed."""

from qlekta.settings import *  # noqa: F403 - the same settings but for two lines
from qlekta.settings import STORAGES as _ALL

STORAGES = {**_ALL, "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}}
WHITENOISE_USE_FINDERS = False
