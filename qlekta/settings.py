"""Settings of the site, read from the environment by strict readers (`qlekta.env`).

Development has safe defaults and makes its own secrets once under `var/keys`; production names every secret.
"""

from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import django_stubs_ext
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _
from redis.backoff import NoBackoff
from redis.retry import Retry

from qlekta import api_settings, env, payment_settings
from qlekta.rooms import PROJECT_APPS

django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent
PRODUCTION = env.choice("QLEKTA_ENV", ("development", "production"), "development") == "production"
DEBUG = False
VAR_DIR = Path(env.text("VAR_DIR", str(BASE_DIR / "var")))


def _secret(name: str, prefix: str = "") -> str | None:
    """What stands in for a missing secret: nothing in production, a file made once in development."""
    if PRODUCTION:
        return None
    return env.generated_once(VAR_DIR / "keys", name, lambda: prefix + env.random_key())


SECRET_KEY = env.text("SECRET_KEY", _secret("SECRET_KEY", "development-" + "q" * 20))
VAULT_MASTER_KEYS = env.keys("VAULT_MASTER_KEYS", _secret("VAULT_MASTER_KEYS", "dev1:"))
VAULT_TOKEN_KEY = env.key("VAULT_TOKEN_KEY", _secret("VAULT_TOKEN_KEY"))
SIGNING_KEY = env.key("SIGNING_KEY", _secret("SIGNING_KEY"))
RETIRED_SIGNING_KEYS = env.retired_keys("RETIRED_SIGNING_KEYS")

SITE_URL = env.text("SITE_URL", None if PRODUCTION else "http://127.0.0.1:8000").rstrip("/")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", (urlsplit(SITE_URL).hostname or "") if PRODUCTION else "127.0.0.1,localhost")
CSRF_TRUSTED_ORIGINS = [SITE_URL]
TRUSTED_PROXY_COUNT = env.number("TRUSTED_PROXY_COUNT", 0)

# --- What Qlekta consists of -----------------------------------------------------------------------------------------
DATAMAP_CATALOGUE = "qlekta.catalogue"
SALES_CATALOGUE = "qlekta.catalogue.sales"
INSTALLED_APPS = [
    *PROJECT_APPS,
    "qlekta",
    "accounts.admin_config.StaffAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sitemaps",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "anymail",
    "csp",
    "rest_framework",
    "drf_spectacular",
]
ROOT_URLCONF = "qlekta.urls"
WSGI_APPLICATION = "qlekta.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "qlekta.closed.ClosedMiddleware",
    "visits.middleware.VisitMiddleware",
    "datamap.middleware.LookingOnceMiddleware",
    "cookies.middleware.ConsentMiddleware",
    "cookies.csp.ConsentCSPMiddleware",
    "qlekta.middleware.SafeRequestMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "cookies.account.AccountChoiceMiddleware",
    "cookies.language.LanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "qlekta.kept_forms.KeptFormMiddleware",
    "accounts.middleware.StaffSecondFactorMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "cookies.context.consent",
                "visits.context.page_use",
                "qlekta.context.site",
            ],
        },
    },
]

# --- Stores ----------------------------------------------------------------------------------------------------------
_DATABASE: dict[str, Any] = {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True, "OPTIONS": {"connect_timeout": 5}}
DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        **env.database("DATABASE_URL", None if PRODUCTION else "postgres://qlekta_web@localhost/qlekta"),
        **_DATABASE,
    }
}
if env.text("VISITS_DATABASE_URL", ""):
    DATABASES["visits"] = {**env.database("VISITS_DATABASE_URL"), **_DATABASE}
DATABASE_ROUTERS = ["visits.databases.VisitsRouter"]
DATABASE_SITE_ROLE = env.text("DATABASE_SITE_ROLE", "qlekta_site")

REDIS_URL = env.text("REDIS_URL", None if PRODUCTION else "redis://127.0.0.1:6379/0")
CACHE_URL = env.text("CACHE_URL", None if PRODUCTION else "redis://127.0.0.1:6379/1")
_CACHE: dict[str, Any] = {
    "LOCATION": CACHE_URL,
    # One try: a page must not wait for a Valkey that hangs (security F8).
    "OPTIONS": {"socket_timeout": 0.3, "socket_connect_timeout": 0.3, "retry": Retry(NoBackoff(), 0)},
    "KEY_FUNCTION": "accounts.cache_keys.opaque",
}
CACHES = {
    "default": {"BACKEND": "qlekta.steady_cache.SteadyCache", **_CACHE},
    # The same keys, for whoever wants to know whether Valkey answers.
    "valkey": {"BACKEND": "django.core.cache.backends.redis.RedisCache", **_CACHE},
}
SESSION_ENGINE = "django.contrib.sessions.backends.db"

# --- Log-in ----------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.RoleBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "given_name", "family_name", "display_name")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "account"
LOGOUT_REDIRECT_URL = "home"
STAFF_SECOND_FACTOR_REQUIRED = PRODUCTION

ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "signup": "accounts.forms.SignupForm",
    "reset_password": "accounts.forms.ResetPasswordForm",
    "login": "accounts.forms.LoginForm",
    "add_email": "accounts.forms.ChangeAddressForm",
    "change_password": "accounts.forms.ChangePasswordForm",
    "reset_password_from_key": "accounts.forms.NewPasswordForm",
    "reauthenticate": "accounts.forms.ReauthenticateForm",
}
ACCOUNT_SIGNUP_FORM_CLASS = "consent.forms.SignupConsents"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_DISPLAY = "accounts.queries.display_name"
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_PREVENT_ENUMERATION = "strict"
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_CONFIRM_EMAIL_ON_GET = False
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_EMAIL_CONFIRMATION_EXPIRE_DAYS = 7
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = False
ACCOUNT_LOGIN_ON_PASSWORD_RESET = False
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 900
ACCOUNT_SESSION_REMEMBER = None
ACCOUNT_DEFAULT_HTTP_PROTOCOL = urlsplit(SITE_URL).scheme
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/5m/key",
    "signup": "10/m/ip",
    "reset_password": "10/m/ip,3/m/key",
    "reset_password_from_key": "10/m/ip",
    "confirm_email": "1/1m/key",
    "change_password": "5/m/user",
    "manage_email": "10/m/user",
    "reauthenticate": "10/m/user",
    "newsletter": "10/m/ip,60/h/ip",
    "enquiry": "10/m/ip,60/h/ip",
    "survey": "10/m/ip,60/h/ip",
    "notice": "10/m/ip,60/h/ip",
    "card": "10/m/user,30/h/user,20/m/ip,60/h/ip",
}
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXY_COUNT
MFA_ADAPTER = "accounts.second_factor.MFAAdapter"
MFA_FORMS = {
    "authenticate": "accounts.forms.CodeForm",
    "reauthenticate": "accounts.forms.CodeAgainForm",
    "activate_totp": "accounts.forms.SwitchOnForm",
}
# Nobody logs in without a confirmed address, so a second factor need not forbid the change of an address (Q5.9).
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Qlekta"
MFA_TOTP_TOLERANCE = 1
USERSESSIONS_TRACK_ACTIVITY = False

# --- Mail ------------------------------------------------------------------------------------------------------------
# Emulated: the demo speaks to services of its own making; every page says so, and production refuses.
PROCESSORS_EMULATED = env.choice("QLEKTA_PROCESSORS", ("real", "emulated"), "real") == "emulated"
EMULATED_INBOX_URL = env.text("EMULATED_INBOX_URL", "")
if PRODUCTION and PROCESSORS_EMULATED:
    raise ImproperlyConfigured("QLEKTA_PROCESSORS is emulated: in production letters must really go out; take it away.")
MAILGUN_API_KEY = env.text("MAILGUN_API_KEY", "")
globals().update(env.email("EMAIL_URL", "mailgun://" if MAILGUN_API_KEY else f"filemail://{VAR_DIR / 'mail'}"))
ANYMAIL = {
    "MAILGUN_API_KEY": MAILGUN_API_KEY,
    "MAILGUN_API_URL": env.text("MAILGUN_API_URL", "https://api.eu.mailgun.net/v3"),
    "MAILGUN_SENDER_DOMAIN": env.text("MAILGUN_SENDER_DOMAIN", ""),
    "REQUESTS_TIMEOUT": (3.05, 10),
    # Named also when empty: anymail would take the key of the sending interface in its place.
    "MAILGUN_WEBHOOK_SIGNING_KEY": env.text("MAILGUN_WEBHOOK_SIGNING_KEY", ""),
    "WEBHOOK_SECRET": env.text("MAILGUN_WEBHOOK_SECRET", ""),
}
MAIL_AUTHSERV_ID = env.text("MAIL_AUTHSERV_ID", "")  # whose Authentication-Results are believed
EMAIL_TIMEOUT = 15
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "Qlekta <privacy@qlekta.example>")
BRAINTREE = payment_settings.BRAINTREE
ESCROW = payment_settings.ESCROW

# --- Other companies on the pages: each only where it is named here and the visitor agreed ---------------------------
GOOGLE_ANALYTICS_ID = env.text("GOOGLE_ANALYTICS_ID", "")
GOOGLE_EMULATOR_URL = env.text("GOOGLE_EMULATOR_URL", "")
if GOOGLE_EMULATOR_URL and not PROCESSORS_EMULATED:
    raise ImproperlyConfigured("GOOGLE_EMULATOR_URL is named: visitors would be counted by whoever is there.")
GOOGLE_ANALYTICS_SCRIPT = GOOGLE_EMULATOR_URL or "https://www.googletagmanager.com"
GOOGLE_ANALYTICS_PROPERTY = env.text("GOOGLE_ANALYTICS_PROPERTY", "")
GOOGLE_SERVICE_ACCOUNT = env.text("GOOGLE_SERVICE_ACCOUNT", "")
GOOGLE_API_URL = GOOGLE_EMULATOR_URL or "https://analyticsadmin.googleapis.com"
YOUTUBE_VIDEO = env.text("YOUTUBE_VIDEO", "")
FACEBOOK_PAGE = env.text("FACEBOOK_PAGE", "")

# --- Language and time -----------------------------------------------------------------------------------------------
LANGUAGE_CODE = "lv"
FORMAT_MODULE_PATH = ["qlekta.formats"]
LANGUAGES = [("lv", _("Latvian")), ("en", _("English")), ("ru", _("Russian"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Europe/Riga"
USE_TZ = True

# --- Files -----------------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": (
            "whitenoise.storage.CompressedManifestStaticFilesStorage"
            if PRODUCTION
            else "django.contrib.staticfiles.storage.StaticFilesStorage"
        )
    },
}
WHITENOISE_USE_FINDERS = not PRODUCTION
MEDIA_ROOT = VAR_DIR / "media"
# Outside the database and outside its backups: what a restored one must hear again.
JOURNAL_DIR = Path(env.text("JOURNAL_DIR", str(VAR_DIR / "journal")))
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200
FILE_UPLOAD_HANDLERS = ["qlekta.uploads.BoundedUploadHandler"]

# --- Web surface -----------------------------------------------------------------------------------------------------
_HTTPS = SITE_URL.startswith("https://")
_HOST_PREFIX = "__Host-" if _HTTPS else ""
SESSION_COOKIE_NAME = f"{_HOST_PREFIX}sessionid"
SESSION_COOKIE_SECURE = _HTTPS
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_AGE = 14 * 24 * 3600
CSRF_COOKIE_NAME = f"{_HOST_PREFIX}csrftoken"
CSRF_COOKIE_SECURE = _HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_AGE = None
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
CONSENT_COOKIE_NAME = f"{_HOST_PREFIX}cookie_consent"
LANGUAGE_COOKIE_NAME = f"{_HOST_PREFIX}language"
LANGUAGE_COOKIE_AGE = 182 * 24 * 3600
LANGUAGE_COOKIE_SECURE = _HTTPS
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
SECURE_SSL_REDIRECT = _HTTPS and PRODUCTION
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXY_COUNT else None
SECURE_HSTS_SECONDS = 63_072_000 if _HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "qlekta.views.csrf_failure"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "manifest-src": [SELF],
    }
}

# --- Programming interface -------------------------------------------------------------------------------------------
API_DOCS_PUBLIC = env.choice("API_DOCS", ("public", "staff"), "staff" if PRODUCTION else "public") == "public"
REST_FRAMEWORK = api_settings.REST_FRAMEWORK
SPECTACULAR_SETTINGS = api_settings.SPECTACULAR_SETTINGS

# --- Work in the background -------------------------------------------------------------------------------------------
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 400_000
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 3600,
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
}
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0, "interval_step": 0.1, "interval_max": 0.2}
# At least hourly, so that nothing is ever older than its term and one hour (policy 5.2).
PURGE_EVERY = timedelta(seconds=env.number("PURGE_EVERY_SECONDS", 600, minimum=5, maximum=3600))
DEMO_LISTINGS = env.number("DEMO_LISTINGS", 200, minimum=0, maximum=10_000)
CELERY_TIMEZONE = "UTC"
CELERY_ENABLE_UTC = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False

# --- Logs: ids and counts only ---------------------------------------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"one_line": {"()": "qlekta.logs.OneLineFilter"}},
    "formatters": {"json": {"()": "qlekta.logs.JsonFormatter"}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "json", "filters": ["one_line"]},
    },
    "root": {"handlers": ["stderr"], "level": env.choice("LOG_LEVEL", ("DEBUG", "INFO", "WARNING"), "INFO")},
}

# Browsers of visitors who agreed to analytics report how pages are used; switched off, nobody is asked for it.
VISITS_BROWSER_SIDE = env.choice("VISITS_BROWSER_SIDE", ("on", "off"), "on") == "on"
# The parts of pages whose clicks are reported by name (`data-use` in the templates); no other name is kept.
VISITS_COUNTED_ELEMENTS = (
    "account",
    "consents",
    "cookie-settings",
    "listings",
    "login",
    "messages",
    "newsletter",
    "orders",
    "policy",
    "portal",
    "signup",
)

# The pages that statistics name; every other one is counted as "other".
VISITS_COUNTED_ROUTES = (
    "home",
    "account",
    "account_login",
    "account_signup",
    "consent:policy",
    "consent:consents",
    "cookies:settings",
    "privacy:portal",
    "privacy:notice",
    "privacy:request-list",
)
